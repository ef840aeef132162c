"""Looking after a store on S3: everything in it is read and verified, and a folder is merged into it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mlops_ci.adapters.aws.store.packs import pack, unpack
from tests.e2e.tiny import PROJECT, TRAINED, Tiny, make
from tests.loopback import Loopback, loopback

pytestmark = pytest.mark.e2e

STORE = "s3://models/kept"


@pytest.fixture(scope="module")
def s3() -> Iterator[Loopback]:
    with loopback() as server:
        server.client().create_bucket(Bucket="models")
        yield server


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, s3: Loopback) -> Tiny:
    """Return a checkout whose trainings were recorded in a folder, and then merged into a store on S3."""
    made = make(tmp_path_factory.mktemp("kept") / "one")
    made = Tiny(made.folder, {**made.environment, **s3.environment()})
    made.write("model.yaml", TRAINED)
    made.push("without environments")
    made.run("run")
    text = PROJECT.replace("{kind: local, store: .mlops-ci/store}", f"{{kind: local, store: '{STORE}'}}")
    (made.folder / "mlops-ci.yaml").write_text(text)
    made.push("store on S3")
    return made


def keys(s3: Loopback, prefix: str) -> list[str]:
    found = s3.client().list_objects_v2(Bucket="models", Prefix=f"kept/{prefix}").get("Contents", [])
    return [one["Key"] for one in found]


def content(s3: Loopback, key: str) -> bytes:
    found: bytes = s3.client().get_object(Bucket="models", Key=key)["Body"].read()
    return found


def put(s3: Loopback, key: str, body: bytes) -> None:
    s3.client().put_object(Bucket="models", Key=key, Body=body)


def troubles(tiny: Tiny, code: int) -> list[tuple[str, str]]:
    found: dict[str, Any] = tiny.run("store", "check", "--json", code=code).json()
    return [(one["code"], one["subject"]) for one in found["problems"]]


def test_a_folder_is_merged_into_a_bucket_and_all_of_it_is_verified_there(tiny: Tiny, s3: Loopback) -> None:
    tiny.run("store", "merge", ".mlops-ci/store")
    assert tiny.changes() == []
    assert len(keys(s3, "packs/")) == 1, "others read what was merged by one request"
    s3.calls.clear()
    said = tiny.run("store", "check").out
    artifacts, records = len(keys(s3, "artifacts/")), len(keys(s3, "records/"))
    assert f"{records} records" in said
    assert len([call for call in s3.calls if "/artifacts/" in call and "list-type" not in call]) == artifacts
    assert len([call for call in s3.calls if "/records/" in call and "list-type" not in call]) == records
    assert not any(call.startswith(("PUT", "POST", "DELETE")) for call in s3.calls)
    tiny.run("store", "merge", ".mlops-ci/store")
    assert len(keys(s3, "packs/")) == 1, "what is there already is not packed again"


def test_each_damage_is_named_with_what_mends_it(tiny: Tiny, s3: Loopback) -> None:
    tiny.run("store", "merge", ".mlops-ci/store")
    artifact, other, *_ = keys(s3, "artifacts/")
    record = next(key for key in keys(s3, "records/") if "evaluations~" in key)
    (packed,) = keys(s3, "packs/")
    before = {key: content(s3, key) for key in (artifact, other, record, packed)}
    put(s3, artifact, before[artifact] + b"x")
    put(s3, record, b"{")
    entries = unpack(packed.removeprefix("kept/"), before[packed])
    victim = next(name for name in entries if "/attempts/" in name)
    forged, body = pack({**entries, victim: (entries[victim][0], b'{"forged": 1}')})
    s3.client().delete_object(Bucket="models", Key=packed)
    put(s3, f"kept/{forged}", body)
    found = troubles(tiny, 1)
    assert ("damaged-artifact", artifact.rpartition("/")[2]) in found
    assert ("damaged-record", record.removeprefix("kept/records/").replace("~", "/")) in found
    assert ("damaged-pack", forged) in found
    said = tiny.run("store", "check", code=1).out
    assert f"aws s3 rm '{STORE}/{artifact.removeprefix('kept/')}'" in said
    assert f"aws s3 rm '{STORE}/{forged}'" in said

    s3.client().delete_object(Bucket="models", Key=f"kept/{forged}")
    s3.client().delete_object(Bucket="models", Key=other)
    for key in (artifact, record):
        put(s3, key, before[key])
    assert {code for code, _ in troubles(tiny, 1)} == {"missing-artifact"}
    tiny.run("store", "merge", ".mlops-ci/store")
    assert troubles(tiny, 0) == []


def test_gc_refuses_and_asks_nothing(tiny: Tiny, s3: Loopback) -> None:
    s3.calls.clear()
    for more in ((), ("--yes",)):
        assert "takes things out of folders" in tiny.run("store", "gc", *more, code=64).err
    assert s3.calls == []
