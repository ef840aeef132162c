"""Canonical bytes and digests."""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_ci.fingerprint.canonical import blob_id, canonical, digest
from mlops_ci.model import Json

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
plain = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@given(st.dictionaries(st.text(), plain))
def test_the_order_of_keys_changes_no_digest(data: dict[str, Json]) -> None:
    assert digest(dict(reversed(data.items()))) == digest(data)


@given(plain)
def test_reading_the_canonical_form_gives_the_same_canonical_form(data: Json) -> None:
    text = canonical(data)
    assert canonical(json.loads(text)) == text


@given(plain, plain)
def test_data_that_json_tells_apart_has_digests_that_are_apart(one: Json, other: Json) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (digest(one) == digest(other)) is same


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0, False), ("1", 1), (None, ""), ([], {})])
def test_values_that_a_script_would_see_differently_have_different_digests(one: Json, other: Json) -> None:
    assert digest({"epochs": one}) != digest({"epochs": other})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"rate": value})


def test_a_digest_is_the_same_on_every_machine_and_in_every_version() -> None:
    text = '{"a":"ü","b":[1,1.0,null]}'
    assert canonical({"b": [1, 1.0, None], "a": "ü"}) == text
    assert digest({"b": [1, 1.0, None], "a": "ü"}) == hashlib.sha256(text.encode()).hexdigest()


def test_a_lone_surrogate_from_a_file_name_has_a_digest() -> None:
    assert len(digest({"path": "caf\udce9.csv"})) == 64


@pytest.mark.parametrize("content", [b"", b"a\n", b"\x00\xff" * 1000, "naïve\r\n".encode()])
def test_a_blob_id_is_what_git_says(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    said = subprocess.run(["git", "hash-object", "--no-filters", file], capture_output=True, text=True, check=True)
    assert blob_id(content) == said.stdout.strip()
