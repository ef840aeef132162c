"""What a plan asks S3, counted: a hundred models on a runner that has nothing but a clone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.estate.making import Size, make
from tests.e2e.tiny import Tiny, clone, environment
from tests.loopback import Loopback, loopback

pytestmark = pytest.mark.e2e

MODELS = 100
MOST = 20
"""Calls that a plan of a hundred unchanged models may take."""


@pytest.fixture(scope="module")
def s3() -> Iterator[Loopback]:
    with loopback() as server:
        server.client().create_bucket(Bucket="models")
        yield server


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory, s3: Loopback) -> Tiny:
    """Return a checkout of a hundred models of three candidates whose whole history is on S3, each record by itself."""
    folder = tmp_path_factory.mktemp("estate") / "work"
    make(folder, Size(MODELS))
    store = folder / ".mlops-ci/store"
    files = [path for path in store.rglob("*") if path.is_file() and path.relative_to(store).parts[0] != ".tmp"]

    def send(path: Path) -> None:
        s3.client().put_object(Bucket="models", Key=f"team/{path.relative_to(store)}", Body=path.read_bytes())

    send(files[0])  # the client is made before threads share it
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(send, files[1:]))
    made = Tiny(folder, {**environment(), **s3.environment()})
    made.git("clone", "-q", "--bare", ".", str(folder.parent / "origin.git"))
    made.git("remote", "add", "origin", f"file://{folder.parent}/origin.git")
    project = (folder / "mlops-ci.yaml").read_text()
    assert "store: .mlops-ci/store" in project
    (folder / "mlops-ci.yaml").write_text(project.replace("store: .mlops-ci/store", "store: 's3://models/team'"))
    made.push("the store is on S3")
    return made


def kinds(s3: Loopback) -> Counter[str]:
    """Return how often what was asked, by method and kind of object."""
    found: Counter[str] = Counter()
    for call in s3.calls:
        method, _, rest = call.partition(" ")
        what = "list" if "list-type=2" in rest else rest.partition("?")[0].split("/")[3]
        found[f"{method} {what}"] += 1
    return found


@pytest.mark.soak
def test_a_plan_of_a_hundred_unchanged_models_takes_at_most_twenty_calls_on_a_fresh_runner(
    estate: Tiny, s3: Loopback, tmp_path: Path
) -> None:
    first = clone(estate, tmp_path / "first")
    s3.calls.clear()
    without = first.run("plan", "--json").out
    assert kinds(s3)["GET records"] == 31 * MODELS, "no pack was written yet"
    assert not any(call.startswith("PUT") for call in s3.calls), "a plan writes nothing"

    second = clone(estate, tmp_path / "second")
    second.run("run")
    runner = clone(estate, tmp_path / "runner")
    s3.calls.clear()
    packed = runner.run("plan", "--json").out
    assert packed == without
    assert len(s3.calls) <= MOST, kinds(s3)
    assert kinds(s3)["GET records"] == 0

    s3.calls.clear()
    assert runner.run("plan", "--json").out == without
    assert set(kinds(s3)) == {"GET format.json", "GET list"}, "what is remembered here needs the names alone"
