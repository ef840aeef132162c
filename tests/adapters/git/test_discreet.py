"""What git says, without the passwords in it."""

from __future__ import annotations

import pytest

from mlops_ci.adapters.git.process import discreet


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (b"fatal: 'https://ada:s3cret@host/x.git' not found", b"fatal: 'https://***@host/x.git' not found"),
        (b"to https://t0ken@host:8443/x and back", b"to https://***@host:8443/x and back"),
        (b"ssh://git:p@ss@host/x", b"ssh://***@host/x"),
        (b"two: http://a:b@c/ and http://d:e@f/", b"two: http://***@c/ and http://***@f/"),
        (b"mail ada@example.org about https://host/x@y", b"mail ada@example.org about https://host/x@y"),
        (b"git@host:x.git", b"git@host:x.git"),
        (b"\xff\xfe no text at all", b"\xff\xfe no text at all"),
    ],
)
def test_user_and_password_in_an_address_are_left_out_and_the_rest_stays(said: bytes, told: bytes) -> None:
    assert discreet(said) == told
