"""Batch runs: files through what is released, also on S3, with nothing left running."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.slow import until
from tests.e2e.tiny import TRAINED, Tiny, make
from tests.loopback import Fault, Loopback, loopback

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def s3() -> Iterator[Loopback]:
    with loopback() as server:
        server.client().create_bucket(Bucket="rows")
        yield server


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, s3: Loopback) -> Iterator[Tiny]:
    """Give a checkout of the tiny project that is in production, and sees the S3 of these tests."""
    made = make(tmp_path_factory.mktemp("batch") / "tiny")
    made = Tiny(made.folder, {**made.environment, **s3.environment()})
    made.run("run")
    yield made
    made.end()


def asked(tiny: Tiny, source: str, output: str, *more: str, code: int = 0) -> str:
    done = tiny.run("batch", "tiny", "--input", source, "--output", output, *more, code=code)
    return done.err if code else done.out


def jobs(tiny: Tiny) -> int:
    return len(list((tiny.folder / ".mlops-ci/store/records/tiny").glob("attempts~batch-*~intent")))


def test_a_file_is_answered_row_by_row_as_the_endpoint_would(released: Tiny) -> None:
    (released.folder / "rows.csv").write_text("x,side\n0.9,left\n0.1,right\n0.46,left\n")
    assert asked(released, "rows.csv", "out/p.jsonl").startswith("rows.csv: 3 rows")
    found = [json.loads(line) for line in (released.folder / "out/p.jsonl").read_text().splitlines()]
    _, body, _ = released.ask("production", "0.9,left\n0.1,right\n0.46,left")
    assert found == json.loads(body) == [1.0, 0.0, 1.0]
    assert list((released.folder / ".mlops-ci/batch").glob("p*")) == []


def test_the_same_rows_through_the_same_package_need_no_second_job(released: Tiny) -> None:
    (released.folder / "rows.csv").write_text("0.3,left\n")
    asked(released, "rows.csv", "p.jsonl")
    before = jobs(released)
    assert "answered before" in asked(released, "rows.csv", "again.jsonl")
    assert "answered before" in asked(released, "rows.csv", "staging.jsonl", "--environment", "staging")
    assert "answered before" in asked(released, "rows.csv", "v1.jsonl", "--version", "v1")
    assert jobs(released) == before
    assert (released.folder / "again.jsonl").read_text() == "0.0\n"


def test_a_batch_run_changes_no_plan_and_no_leaderboard(released: Tiny) -> None:
    (released.folder / "rows.csv").write_text("0.2,left\n")
    board = released.run("leaderboard", "--json", "--every").json()
    asked(released, "rows.csv", "p.jsonl")
    assert released.changes() == []
    assert released.run("leaderboard", "--json", "--every").json() == board


def test_wrong_rows_are_told_with_their_line_before_any_job(released: Tiny) -> None:
    (released.folder / "rows.csv").write_text("x,side\n0.9,left\n0.1\n")
    before = jobs(released)
    said = asked(released, "rows.csv", "wrong.jsonl", code=65)
    assert "rows.csv:3:1" in said
    assert "expected 2" in said
    assert not (released.folder / "wrong.jsonl").exists()
    assert jobs(released) == before


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--input", "nowhere.csv", "--output", "p.jsonl"), "no file at `nowhere.csv`"),
        (("--input", "rows.csv", "--output", "rows.csv"), "the input itself"),
        (("--input", "rows.csv", "--output", "gs://there/p"), "no place of files"),
        (("--input", "rows.csv", "--output", "p", "--version", "v9"), "no version `v9`"),
        (("--input", "rows.csv", "--output", "p", "--environment", "productoin"), "did you mean `production`?"),
        (("--input", "rows.csv"), "--output"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(released: Tiny, arguments: tuple[str, ...], hint: str) -> None:
    (released.folder / "rows.csv").write_text("0.9,left\n")
    assert hint in released.run("batch", "tiny", *arguments, code=64).err


def test_a_folder_on_s3_is_answered_file_by_file_on_s3(released: Tiny, s3: Loopback) -> None:
    client = s3.client()
    client.put_object(Bucket="rows", Key="in/a.csv", Body=b"x,side\n0.9,left\n")
    client.put_object(Bucket="rows", Key="in/day=1/b.csv", Body=b"0.1,left\n0.8,left\n")
    client.put_object(Bucket="rows", Key="in/notes.txt", Body=b"none")
    released.run("batch", "tiny", "--input", "s3://rows/in/a.csv", "--output", "s3://rows/one/p.jsonl")
    assert client.get_object(Bucket="rows", Key="one/p.jsonl")["Body"].read() == b"1.0\n"
    released.replace("src/serve/inference.py", "csv.reader(data.splitlines())", "rows_of(data)")
    said = asked(released, "s3://rows/in", "s3://rows/out/", code=0)
    released.git("checkout", "-q", ".")  # what is released serves, and not what lies here
    assert said.count("rows (") == 2
    listed = [o["Key"] for o in client.list_objects_v2(Bucket="rows", Prefix="out/")["Contents"]]
    assert listed == ["out/a.csv.jsonl", "out/day=1/b.csv.jsonl"]


def test_a_connection_that_breaks_within_an_input_changes_no_row(released: Tiny, s3: Loopback) -> None:
    s3.client().put_object(Bucket="rows", Key="long.csv", Body=b"".join(b"0.%04d,left\n" % n for n in range(9000)))
    s3.fail("GET /rows/long.csv", Fault.CUT)
    asked(released, "s3://rows/long.csv", "long.jsonl")
    found = (released.folder / "long.jsonl").read_text().split()
    assert found == ["1.0" if n > 4500 else "0.0" for n in range(9000)]
    assert not s3.faults


def test_a_bucket_that_is_not_there_is_a_located_provider_error(released: Tiny) -> None:
    assert "s3://elsewhere" in asked(released, "s3://elsewhere/a.csv", "p.jsonl", code=69)


def test_serving_code_that_fails_is_a_no_with_the_end_of_its_log(tmp_path: Path) -> None:
    tiny = make(tmp_path / "tiny")
    tiny.write("model.yaml", TRAINED)
    tiny.push("no environments")
    tiny.run("run")
    (tiny.folder / "rows.csv").write_text("0.9,left\nmuch,left\n")
    begun = tiny.start("batch", "tiny", "--input", "rows.csv", "--output", "p.jsonl")
    _, said = begun.communicate(timeout=60)  # with the traceback of the user's code
    assert begun.returncode == 1
    assert "could not convert string to float: 'much'" in said
    assert "hint: mlops-ci logs tiny" in said
    assert "much" in tiny.run("logs", "tiny").out
    assert not (tiny.folder / "p.jsonl").exists()


def test_before_anything_is_released_the_next_command_is_told(tmp_path: Path) -> None:
    tiny = make(tmp_path / "tiny")
    (tiny.folder / "rows.csv").write_text("0.9,left\n")
    assert "hint: mlops-ci run tiny" in asked(tiny, "rows.csv", "p.jsonl", code=64)


WAITING = """

def predict_fn(values, cut):
    import pathlib, time
    while values[0] > 0.985 and not pathlib.Path({go!r}).exists():
        time.sleep(0.02)
    return [1.0 if value > cut else 0.0 for value in values]
"""


def slow_to_answer(folder: Path) -> Tiny:
    """Return a project whose serving code waits for the file `go` where the first row is above 0.985."""
    tiny = make(folder / "tiny")
    tiny.write("model.yaml", TRAINED)
    tiny.write("src/serve/inference.py", tiny.read("src/serve/inference.py") + WAITING.format(go=str(folder / "go")))
    tiny.push("no environments")
    (folder / "go").touch()
    tiny.run("run")
    (folder / "go").unlink()
    (tiny.folder / "rows.csv").write_text("0.99,left\n0.1,left\n")
    return tiny


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_ended_goes_on_where_it_stopped(tmp_path: Path, how: signal.Signals) -> None:
    tiny = slow_to_answer(tmp_path)
    begun = tiny.start("batch", "tiny", "--input", "rows.csv", "--output", "p.jsonl")
    until(lambda: any((tiny.folder / ".mlops-ci/jobs").glob("batch-*/runner.json")))
    begun.send_signal(how)
    begun.communicate(timeout=60)
    assert begun.returncode == (130 if how is signal.SIGINT else -signal.SIGKILL)
    (tmp_path / "go").touch()
    asked(tiny, "rows.csv", "p.jsonl")
    assert (tiny.folder / "p.jsonl").read_text() == "1.0\n0.0\n"
    assert jobs(tiny) == (2 if how is signal.SIGINT else 1), "a killed command's job is taken up, a stopped one is not"
