"""The address of a remote that anybody may know."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mlops_ci.adapters.git.remotes import clone_address, public


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/owner/name.git", "https://github.com/owner/name.git"),
        ("https://ada:ghp_secret@github.com/owner/name.git", "https://github.com/owner/name.git"),
        ("https://ghp_secret@example.org:8443/name", "https://example.org:8443/name"),
        ("https://example.org/name?token=secret#x", "https://example.org/name"),
        ("http://example.org/name", "http://example.org/name"),
        ("git@github.com:owner/name.git", "https://github.com/owner/name.git"),
        ("ssh://git@github.com:22/owner/name.git", "https://github.com/owner/name.git"),
        ("git://example.org/name", "https://example.org/name"),
        ("file:///srv/name.git", ""),
        ("/srv/name.git", ""),
        ("../name.git", ""),
        ("", ""),
    ],
)
def test_no_credentials_are_in_it_and_no_place_of_this_machine(url: str, expected: str) -> None:
    assert public(url) == expected


def test_a_repository_says_it_of_its_remote(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert clone_address(tmp_path, "origin", os.environ) == ""
    subprocess.run(["git", "-C", str(tmp_path), "remote", "add", "origin", "https://u:p@example.org/name"], check=True)
    assert clone_address(tmp_path, "origin", os.environ) == "https://example.org/name"
