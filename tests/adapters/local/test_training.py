"""Training here, under SageMaker's container contract: how a job ends, and what it leaves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlops_ci.model import MetricDefinition
from mlops_ci.ports.jobs import Failed, FailureCause, Jobs, Succeeded, TrainingJob
from tests.adapters.local.trained import model_file
from tests.adapters.local.workplace import BROKEN, ENDLESS, HELLO, trainer, training
from tests.contracts.jobs import JobsContract, ended


class TestTraining(JobsContract[TrainingJob]):
    @pytest.fixture
    def jobs(self, tmp_path: Path) -> Jobs[TrainingJob]:
        return trainer(tmp_path, HELLO, BROKEN, ENDLESS)

    @pytest.fixture
    def good(self) -> TrainingJob:
        return training(HELLO)

    @pytest.fixture
    def bad(self) -> TrainingJob:
        return training(BROKEN)

    @pytest.fixture
    def endless(self) -> TrainingJob:
        return training(ENDLESS)


def test_two_trainings_of_the_same_script_give_the_same_bytes(tmp_path: Path) -> None:
    script = """
import os, pickle
folder = os.environ["SM_MODEL_DIR"]
os.makedirs(folder + "/b/c")
pickle.dump({str(n) for n in range(100)}, open(folder + "/b/c/model.pkl", "wb"))
open(folder + "/a", "w").write("x")
os.chmod(folder + "/a", 0o700 + os.getpid() % 2)
os.symlink("a", folder + "/latest")
"""
    jobs = trainer(tmp_path, script)
    for key in ("one-1", "two-1"):
        jobs.submit(training(script), key=key)
        assert isinstance(ended(jobs, key), Succeeded)
    one, two = jobs.collect("one-1"), jobs.collect("two-1")
    assert one.digest("model") == two.digest("model")
    assert model_file(jobs, tmp_path, "one-1", "latest") == b"x"


def test_metrics_come_from_the_log_and_the_image_is_what_it_ran_in(tmp_path: Path) -> None:
    script = HELLO + "; print('loss=0.5\\nloss=0.25')"
    jobs = trainer(tmp_path, script)
    job = training(script, metrics=(MetricDefinition("loss", r"loss=([0-9.]+)"),))
    jobs.submit(job, key="k-1")
    ended(jobs, "k-1")
    outputs = jobs.collect("k-1")
    assert outputs.metrics == (("loss", 0.25),)
    assert outputs.image is not None
    assert outputs.image.python == f"{sys.version_info.major}.{sys.version_info.minor}"


def test_further_output_is_an_artifact_where_there_is_some(tmp_path: Path) -> None:
    script = HELLO + "; open(os.environ['SM_OUTPUT_DATA_DIR'] + '/plot.txt', 'w').write('o')"
    jobs = trainer(tmp_path, script, HELLO)
    jobs.submit(training(script), key="with-1")
    jobs.submit(training(HELLO), key="without-1")
    ended(jobs, "with-1")
    ended(jobs, "without-1")
    assert {output.name for output in jobs.collect("with-1").artifacts} == {"log", "model", "output"}
    assert {output.name for output in jobs.collect("without-1").artifacts} == {"log", "model"}


def test_a_job_that_leaves_no_model_failed(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, "pass")
    jobs.submit(training("pass"), key="k-1")
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.OUTPUT
    assert "`/opt/ml/model`" in found.detail


def test_a_failed_job_shows_what_it_wrote_about_its_failure(tmp_path: Path) -> None:
    script = "import os, sys; open(os.environ['SM_OUTPUT_DIR'] + '/failure', 'w').write('no churners'); sys.exit(1)"
    jobs = trainer(tmp_path, script)
    jobs.submit(training(script), key="k-1")
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.detail == "no churners (exit code 1)"


def test_max_runtime_fails_a_job_that_hangs(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, ENDLESS)
    jobs.submit(training(ENDLESS, max_runtime=1), key="k-1")
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.MAX_RUNTIME
    assert "1 s" in found.detail
