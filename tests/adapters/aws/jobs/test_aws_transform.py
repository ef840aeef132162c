"""Batch transform on SageMaker: the contract of jobs, the answers, and that nothing stays."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.adapters.aws.jobs.jobs import SageMakerJobs
from mlops_ci.adapters.aws.packages import Packages
from mlops_ci.errors import ProviderError
from mlops_ci.model import TransformResources
from mlops_ci.ports.endpoints import Package
from mlops_ci.ports.jobs import Failed, FailureCause, Jobs, Succeeded, TransformJob
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.jobs.sites import Place, a_place
from tests.contracts.jobs import JobsContract, ended
from tests.packages import LOAD, SCALE, a_package

GOOD = "print('hello', flush=True)\n" + SCALE
BAD = LOAD + "def predict_fn(rows, model):\n    raise ValueError('broken')\n"
ENDLESS = LOAD + "def predict_fn(rows, model):\n    time.sleep(600)\n"


def transformer(place: Place, packages: Mapping[str, Package]) -> SageMakerJobs[TransformJob]:
    """Return a transformer whose jobs name their packages by these keys."""
    kept = Packages(place.site.bucket, place.artifacts)
    return place.site.transformer(kept, lambda job: packages[job.package])


def transform(root: Path, package: str, rows: str = "1,2\n3,4\n") -> TransformJob:
    (root / "rows.csv").write_text(rows)
    return TransformJob("churn", "linear", package, str(root / "rows.csv"), "text/csv", max_runtime=60)


def answers(place: Place, jobs: Jobs[TransformJob], key: str) -> list[object]:
    kept = place.artifacts.fetch(jobs.collect(key).digest("predictions") or "")
    return [json.loads(line) for line in kept.read_text().splitlines()]


class TestTransformOnSageMaker(JobsContract[TransformJob]):
    @pytest.fixture
    def jobs(self, aws: Loopback, tmp_path: Path) -> Jobs[TransformJob]:
        place = a_place(tmp_path, {})
        codes = {"good": GOOD, "bad": BAD, "endless": ENDLESS}
        return transformer(place, {name: a_package(place.artifacts, code) for name, code in codes.items()})

    @pytest.fixture
    def good(self, tmp_path: Path) -> TransformJob:
        return transform(tmp_path, "good")

    @pytest.fixture
    def bad(self, tmp_path: Path) -> TransformJob:
        return transform(tmp_path, "bad")

    @pytest.fixture
    def endless(self, tmp_path: Path) -> TransformJob:
        return transform(tmp_path, "endless")


@pytest.fixture
def place(aws: Loopback, tmp_path: Path) -> Place:
    return a_place(tmp_path, {})


def models(place: Place) -> list[str]:
    found = place.client("sagemaker").list_models(MaxResults=100)["Models"]
    return [model["ModelName"] for model in found if model["ModelName"].startswith("transform-")]


def test_one_value_a_row_comes_back_in_order_and_no_model_stays(place: Place, tmp_path: Path) -> None:
    jobs = transformer(place, {"p": a_package(place.artifacts, scale=2)})
    job = transform(tmp_path, "p", "".join(f"{n},1\n" for n in range(2000)))
    jobs.submit(job, key="transform-1")
    assert len(models(place)) == 1
    assert isinstance(ended(jobs, "transform-1"), Succeeded)
    assert answers(place, jobs, "transform-1") == [2.0 * (n + 1) for n in range(2000)]
    assert models(place) == []


def test_a_call_may_take_longer_than_the_minute_of_the_serving_toolkits_unless_the_package_says_so(
    place: Place, tmp_path: Path
) -> None:
    own = a_package(place.artifacts, environment={"SAGEMAKER_MODEL_SERVER_TIMEOUT": "7"})
    jobs = transformer(place, {"p": a_package(place.artifacts), "own": own})
    for key, package in (("transform-8", "p"), ("transform-9", "own")):
        jobs.submit(replace(transform(tmp_path, package), max_runtime=900), key=key)
    found = [place.client("sagemaker").describe_model(ModelName=name) for name in models(place)]
    said = [about["PrimaryContainer"]["Environment"]["SAGEMAKER_MODEL_SERVER_TIMEOUT"] for about in found]
    assert sorted(said) == ["600", "7"]
    for key in ("transform-8", "transform-9"):
        ended(jobs, key)
        jobs.collect(key)


def test_several_instances_divide_the_rows_and_their_order_stays(place: Place, tmp_path: Path) -> None:
    jobs = transformer(place, {"p": a_package(place.artifacts)})
    job = transform(tmp_path, "p", "".join(f"{n},0\n" for n in range(25)))
    jobs.submit(replace(job, resources=TransformResources(count=3)), key="transform-2")
    assert isinstance(ended(jobs, "transform-2"), Succeeded)
    assert answers(place, jobs, "transform-2") == [float(n) for n in range(25)]
    assert len([key for key in place.keys("inputs/") if "part-" in key]) == 3


def test_cells_with_line_ends_come_whole(place: Place, tmp_path: Path) -> None:
    code = LOAD + (
        "import csv, io\n"
        "def input_fn(data, content_type):\n"
        "    return list(csv.reader(io.StringIO(data)))\n"
        "def predict_fn(rows, model):\n"
        "    return [{'label': row[0], 'probabilities': {'a': 1.0}} for row in rows]\n"
    )
    jobs = transformer(place, {"p": a_package(place.artifacts, code)})
    jobs.submit(transform(tmp_path, "p", '"one\ntwo",1\nthree,2\n'), key="transform-3")
    assert isinstance(ended(jobs, "transform-3"), Succeeded)
    found = [answer["label"] for answer in answers(place, jobs, "transform-3") if isinstance(answer, dict)]
    assert found == ["one\ntwo", "three"]


def test_a_line_a_row_with_an_array_is_one_value_a_row_as_xgboost_answers_in_a_batch(
    place: Place, tmp_path: Path
) -> None:
    code = LOAD + (
        "def predict_fn(rows, model):\n    return [[0.25, 0.75] for row in rows]\n"
        "def output_fn(prediction, accept):\n    return ''.join(f'{row}\\n' for row in prediction), accept\n"
    )
    jobs = transformer(place, {"p": a_package(place.artifacts, code)})
    jobs.submit(transform(tmp_path, "p", "1,2\n3,4\n5,6\n"), key="transform-7")
    assert isinstance(ended(jobs, "transform-7"), Succeeded)
    assert answers(place, jobs, "transform-7") == [[0.25, 0.75]] * 3


def test_another_count_of_values_than_rows_is_a_failure(place: Place, tmp_path: Path) -> None:
    code = LOAD + "def input_fn(d, c):\n    return d\ndef predict_fn(rows, model):\n    return [1]\n"
    jobs = transformer(place, {"p": a_package(place.artifacts, code)})
    jobs.submit(transform(tmp_path, "p"), key="transform-4")
    found = ended(jobs, "transform-4")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.OUTPUT
    assert found.detail == "2 rows were sent, but the answers hold 1 values"
    assert [output.name for output in jobs.collect("transform-4").artifacts] == ["log"]
    assert models(place) == []


def test_what_runs_too_long_is_stopped_though_sagemaker_has_no_bound(place: Place, tmp_path: Path) -> None:
    jobs = transformer(place, {"p": a_package(place.artifacts, ENDLESS)})
    jobs.submit(replace(transform(tmp_path, "p"), max_runtime=1), key="transform-5")
    found = ended(jobs, "transform-5")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.MAX_RUNTIME
    jobs.collect("transform-5")
    assert models(place) == []


def test_rows_that_are_gone_are_an_error_and_nothing_begins(place: Place, tmp_path: Path) -> None:
    jobs = transformer(place, {"p": a_package(place.artifacts)})
    job = transform(tmp_path, "p")
    (tmp_path / "rows.csv").unlink()
    with pytest.raises(ProviderError, match=r"rows\.csv"):
        jobs.submit(job, key="transform-6")
    assert jobs.status("transform-6") is None
    assert models(place) == []
