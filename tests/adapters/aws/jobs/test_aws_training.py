"""Training on SageMaker: the contract of jobs, and what is left of one."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci.errors import InputsMoved
from mlops_ci.model import MetricDefinition, Resources
from mlops_ci.ports.jobs import Failed, FailureCause, Image, Input, Jobs, Succeeded, TrainingJob
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.jobs.sites import a_place, scripts
from tests.adapters.local.workplace import BROKEN, ENDLESS, HELLO, code, trainer, training
from tests.contracts.jobs import JobsContract, ended


class TestTrainingOnSageMaker(JobsContract[TrainingJob]):
    @pytest.fixture
    def jobs(self, aws: Loopback, tmp_path: Path) -> Jobs[TrainingJob]:
        return a_place(tmp_path, scripts(HELLO, BROKEN, ENDLESS)).site.trainer()

    @pytest.fixture
    def good(self) -> TrainingJob:
        return training(HELLO)

    @pytest.fixture
    def bad(self) -> TrainingJob:
        return training(BROKEN)

    @pytest.fixture
    def endless(self) -> TrainingJob:
        return training(ENDLESS)


MADE = """
import os, pickle
folder = os.environ["SM_MODEL_DIR"]
os.makedirs(folder + "/b/c")
pickle.dump({str(n) for n in range(100)}, open(folder + "/b/c/model.pkl", "wb"))
open(folder + "/run", "w").write("x")
os.chmod(folder + "/run", 0o755)
print("loss=0.5")
print("loss=0.25")
"""


def test_the_same_model_files_give_the_same_bytes_here_and_there(aws: Loopback, tmp_path: Path) -> None:
    here, there = trainer(tmp_path, MADE), a_place(tmp_path, scripts(MADE)).site.trainer()
    for jobs in (here, there):
        jobs.submit(training(MADE), key="same-1")
        assert isinstance(ended(jobs, "same-1"), Succeeded)
    assert there.collect("same-1").digest("model") == here.collect("same-1").digest("model")


def test_a_script_below_the_top_folder_trains_also_where_the_image_runs_a_module(aws: Loopback, tmp_path: Path) -> None:
    """XGBoost's image runs `python -m` with the script's name less `.py`, by sagemaker-containers `_modules.run`."""
    files = {"deep/fit.v2.py": "import beside\n" + MADE, "deep/beside.py": ""}
    xgboost = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    jobs = a_place(tmp_path, files).site.trainer()
    job = replace(training(MADE), code=code(files), entry="deep/fit.v2.py", image=Image(reference=xgboost))
    jobs.submit(job, key="deep-1")
    assert isinstance(ended(jobs, "deep-1"), Succeeded)


@pytest.mark.parametrize("name", ["pytorch-training:2.5.1-cpu-py311", "sagemaker-scikit-learn:1.4-2-cpu-py3"])
def test_values_with_blanks_and_last_words_arrive_whatever_the_image_does(
    aws: Loopback, tmp_path: Path, name: str
) -> None:
    script = "import sys\nraise ValueError(sys.argv[1:])\n"
    image = Image(reference=f"763104351884.dkr.ecr.us-east-1.amazonaws.com/{name}")
    jobs = a_place(tmp_path, scripts(script)).site.trainer()
    jobs.submit(training(script, hyperparameters=(("text", "two words; $HOME"),), image=image), key="said-1")
    found = ended(jobs, "said-1")
    assert isinstance(found, Failed)
    assert found.detail == "ValueError: ['--text', 'two words; $HOME']"


def test_metrics_billed_seconds_and_the_image_are_told(aws: Loopback, tmp_path: Path) -> None:
    jobs = a_place(tmp_path, scripts(MADE)).site.trainer()
    job = training(MADE, metrics=(MetricDefinition("loss", r"loss=([0-9.]+)"),), image=Image(python="3.11"))
    jobs.submit(job, key="k-1")
    ended(jobs, "k-1")
    outputs = jobs.collect("k-1")
    assert outputs.metrics == (("loss", 0.25),)
    assert outputs.image == Image(python="3.11")
    assert outputs.billed_seconds == 1.0


def test_channels_hyperparameters_and_further_output_go_both_ways(aws: Loopback, tmp_path: Path) -> None:
    script = """
import argparse, os, shutil
parser = argparse.ArgumentParser()
for name in ("flag", "rate", "text"):
    parser.add_argument("--" + name)
given = vars(parser.parse_args())
print(given)
shutil.copytree(os.environ["SM_CHANNEL_TRAIN"], os.environ["SM_MODEL_DIR"], dirs_exist_ok=True)
open(os.environ["SM_OUTPUT_DATA_DIR"] + "/plot.txt", "w").write("o")
"""
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (tmp_path / "data" / "train.csv").write_text("1,2\n")
    (tmp_path / "data" / "sub" / "more.csv").write_text("3,4\n")
    place = a_place(tmp_path, scripts(script))
    jobs = place.site.trainer()
    given = (("flag", "true"), ("rate", "1e-5"), ("text", '"quoted" and more'))
    job = training(script, channels=(Input("train", str(tmp_path / "data")),), hyperparameters=given)
    jobs.submit(job, key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded)
    outputs = jobs.collect("k-1")
    assert [output.name for output in outputs.artifacts] == ["log", "model", "output"]
    with tarfile.open(place.artifacts.fetch(outputs.digest("model") or "")) as archive:
        assert archive.getnames() == ["sub", "sub/more.csv", "train.csv"]
    assert str(dict(given)) in list(jobs.logs("k-1", start=0))


def test_inputs_are_sent_once_and_what_is_on_s3_is_not_sent(aws: Loopback, tmp_path: Path) -> None:
    place = a_place(tmp_path, scripts(HELLO))
    (tmp_path / "train.csv").write_text("1,2\n")
    far = Input("test", f"{place.account.address}/elsewhere/")
    place.client("s3").put_object(Bucket=place.account.address.bucket, Key="team/elsewhere/x.csv", Body=b"1\n")
    job = training(HELLO, channels=(Input("train", str(tmp_path / "train.csv")), far))
    place.site.trainer().submit(job, key="one-1")
    sent = place.keys("inputs/")
    assert sorted(key.rpartition("/")[2] for key in sent) == ["sourcedir.tar.gz", "train.csv"]
    before = len(aws.traffic.calls)
    place.site.trainer().submit(job, key="two-1")
    assert place.keys("inputs/") == sent
    assert aws.traffic.calls[before:].count(("s3", "PutObject")) == 1  # what is recorded about the job


def test_code_that_was_edited_is_not_sent_and_nothing_begins(aws: Loopback, tmp_path: Path) -> None:
    place = a_place(tmp_path, dict.fromkeys(scripts(HELLO), "edited"))
    jobs = place.site.trainer()
    with pytest.raises(InputsMoved, match="was edited"):
        jobs.submit(training(HELLO), key="edited-1")
    assert jobs.status("edited-1") is None
    assert place.client("sagemaker").list_training_jobs(NameContains="edited-1")["TrainingJobSummaries"] == []


def test_a_job_that_leaves_no_model_failed(aws: Loopback, tmp_path: Path) -> None:
    jobs = a_place(tmp_path, scripts("pass")).site.trainer()
    jobs.submit(training("pass"), key="k-1")
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.OUTPUT
    assert "`/opt/ml/model`" in found.detail


def test_max_runtime_fails_a_job_that_hangs(aws: Loopback, tmp_path: Path) -> None:
    jobs = a_place(tmp_path, scripts(ENDLESS)).site.trainer()
    jobs.submit(training(ENDLESS, max_runtime=1), key="k-1")
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.MAX_RUNTIME
    assert "1 s" in found.detail


def test_several_instances_write_one_log_each_and_it_says_whose_a_line_is(aws: Loopback, tmp_path: Path) -> None:
    jobs = a_place(tmp_path, scripts(HELLO)).site.trainer()
    jobs.submit(replace(training(HELLO), resources=Resources(count=2, max_runtime=60)), key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded)
    lines = list(jobs.logs("k-1", start=0))
    assert "algo-1: hello" in lines
    assert "algo-2: hello" in lines
