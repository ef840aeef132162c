"""Data on S3: listed for a plan, pinned by a verb, fetched for a training."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.tiny import TRAINED, Tiny, clone, make, table
from tests.loopback import Loopback, loopback

pytestmark = pytest.mark.e2e

ROWS = "s3://rows/team/tiny.csv"


@pytest.fixture(scope="module")
def s3() -> Iterator[Loopback]:
    with loopback() as server:
        server.client().create_bucket(Bucket="rows")
        yield server


def put(s3: Loopback, text: str) -> None:
    s3.client().put_object(Bucket="rows", Key="team/tiny.csv", Body=text.encode())
    s3.calls.clear()


def far(folder: Path, s3: Loopback, version: str = "") -> Tiny:
    """Return a checkout of the tiny project whose table is on S3 alone."""
    put(s3, table())
    made = make(folder)
    made = Tiny(made.folder, {**made.environment, **s3.environment()})
    made.write("model.yaml", TRAINED.replace("path: data/tiny.csv", f"path: {ROWS}  # all of them{version}"))
    made.git("rm", "-q", "pipelines/tiny/data/tiny.csv")
    made.push("rows on S3")
    return made


def test_data_is_pinned_listed_for_a_plan_and_fetched_once_for_a_training(tmp_path: Path, s3: Loopback) -> None:
    tiny = far(tmp_path / "one", s3)
    said = tiny.run("plan", code=65).err
    assert f"error[cannot-run-here]: nothing says which content of `{ROWS}` is meant" in said
    assert "pipelines/tiny/model.yaml:7:9" in said
    assert "hint: mlops-ci data pin tiny, or `version: latest`" in said

    before = tiny.read("model.yaml")
    pinned = tiny.run("data", "pin", "tiny")
    version = tiny.read("model.yaml").partition('version: "')[2].partition('"')[0]
    assert tiny.read("model.yaml").replace(f'  version: "{version}"\n', "") == before
    assert pinned.out == f"tiny  data  {ROWS}  (not pinned) -> {version[:12]}\n"
    assert "hint: mlops-ci plan, then git commit pipelines/tiny/model.yaml" in pinned.err
    tiny.push("pin")

    s3.calls.clear()
    tiny.run("plan")
    assert [call.split()[0] for call in s3.calls] == ["GET"]
    assert "list-type=2" in s3.calls[0]
    s3.calls.clear()
    tiny.run("run")
    assert [call for call in s3.calls if "list-type=2" not in call] == ["GET /rows/team/tiny.csv?"]
    assert tiny.changes() == []
    assert tiny.run("data", "pin").out == f"tiny  data  {ROWS}  {version[:12]}, as it was\n"


def test_a_plan_says_that_data_moved_and_a_training_refuses_it_until_it_is_pinned_anew(
    tmp_path: Path, s3: Loopback
) -> None:
    tiny = far(tmp_path / "one", s3)
    tiny.run("data", "pin")
    tiny.push("pin")
    tiny.run("run")
    put(s3, table() + "200,0.9,left,yes\n")
    plan = tiny.run("plan", "--json").json()
    assert [(note["code"], note["subject"]) for note in plan["notes"]] == [("data-moved", "data")]
    assert plan["changes"] == [], "what is released stays, whatever came to the bucket"
    assert "data moved since it was pinned" in tiny.run("plan").out

    tiny.replace("candidates/middle.yaml", "0.45", "0.5")
    tiny.push("another cut")
    refused = tiny.run("run", code=75)
    assert "moved since it was pinned" in refused.out + refused.err
    assert "mlops-ci data pin" in refused.out + refused.err

    tiny.run("data", "pin", "tiny")
    tiny.push("pin anew")
    assert [(change["action"], change["subject"]) for change in tiny.run("plan", "--json").json()["changes"]] == [
        ("retrain", "low"), ("retrain", "middle"), ("re-evaluate", "champion"), ("metadata", "tiny"),
    ]  # fmt: skip
    tiny.run("run")
    assert tiny.changes() == []


def test_latest_is_said_in_the_plan_and_pinning_it_retrains_nothing(tmp_path: Path, s3: Loopback) -> None:
    tiny = far(tmp_path / "one", s3, "\n  version: latest")
    tiny.run("run")
    plan = tiny.run("plan", "--json").json()
    assert [note["code"] for note in plan["notes"]] == ["data-latest"]
    assert "is taken as it is now" in tiny.run("plan").out
    tiny.run("data", "pin")
    tiny.push("pin")
    after = tiny.run("plan", "--json").json()
    assert after["notes"] == []
    assert [change["action"] for change in after["changes"]] == ["metadata"]


def test_validate_asks_nothing_and_a_project_without_data_on_s3_has_nothing_to_pin(
    tmp_path: Path, s3: Loopback
) -> None:
    tiny = far(tmp_path / "one", s3, "\n  version: latest")
    bare = Tiny(tiny.folder, {**tiny.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"})
    bare.run("validate")
    assert s3.calls == []
    assert "`s3://rows` does not answer" in bare.run("plan", code=69).err
    near = make(tmp_path / "near")
    said = near.run("data", "pin", code=64).err
    assert "none of these models has data on S3" in said


def test_a_processing_script_finds_what_is_on_s3(tmp_path: Path, s3: Loopback) -> None:
    tiny = far(tmp_path / "one", s3, "\n  version: latest")
    tiny.replace("model.yaml", "evaluation:", "processing:\n  script: src/process/cut.py\nevaluation:")
    tiny.replace("model.yaml", "  key: [id]\n", "")
    tiny.replace("model.yaml", "  split: {train: 0.5, validation: 0.1, test: 0.4}\n", "")
    tiny.write("src/process/cut.py", PROCESS)
    tiny.push("process")
    tiny.run("train")
    other = clone(tiny, tmp_path / "other")
    put(s3, table().replace("left", "right"))
    assert [action for action, _ in other.changes()] == ["new", "new"]


def test_thirty_models_of_two_tables_list_each_table_once_also_from_forked_children(
    tmp_path: Path, s3: Loopback
) -> None:
    tiny = far(tmp_path / "one", s3, "\n  version: latest")
    s3.client().put_object(Bucket="rows", Key="other/tiny.csv", Body=table().encode())
    model = tiny.folder / "pipelines/tiny"
    for number in range(30):
        copy = tiny.folder / f"pipelines/m{number:02}"
        shutil.copytree(model, copy)
        text = (copy / "model.yaml").read_text().replace("name: tiny", f"name: m{number:02}")
        (copy / "model.yaml").write_text(text.replace("rows/team", "rows/other") if number % 2 else text)
    tiny.push("thirty more")
    s3.calls.clear()
    first = tiny.run("plan", "--json").json()
    assert first["models"] == 31
    assert sorted(call.partition("prefix=")[2].partition("%2F")[0] for call in s3.calls) == ["other", "team"]
    s3.calls.clear()
    assert tiny.run("plan", "--json").json() == first
    assert len(s3.calls) == 2, "what is remembered here is believed while the listing is the same"


PROCESS = """\
import os
import pathlib

given = pathlib.Path(os.environ["SM_PROCESSING_INPUT_DATA"], "tiny.csv").read_text().splitlines()
for name, rows in (("train", given[1:100]), ("validation", given[100:120]), ("test", given[120:])):
    place = pathlib.Path(os.environ[f"SM_PROCESSING_OUTPUT_{name.upper()}"])
    (place / f"{name}.csv").write_text("\\n".join([given[0], *rows]) + "\\n")
"""
