"""What a training script sees of the machine: the contract's folders, variables and arguments, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.adapters.local.workshop import OptMl
from mlops_ci.ports.jobs import Input, Succeeded, TrainingJob
from mlops_ci.runtime import jobfolder
from tests.adapters.local.namespaces import both, has_namespaces
from tests.adapters.local.trained import model_file
from tests.adapters.local.workplace import trainer, training, workshop
from tests.contracts.jobs import ended

TELL = """
import json, os, sys
def files(top):
    return sorted(os.path.relpath(os.path.join(at, n), top) for at, _, names in os.walk(top) for n in names)
ml = os.path.dirname(os.environ["SM_MODEL_DIR"])
told = dict(env=dict(os.environ), argv=sys.argv[1:], cwd=os.getcwd(), files=files(ml), path=sys.path)
told["config"] = {n: json.load(open(f"{ml}/input/config/{n}.json"))
                  for n in ("hyperparameters", "inputdataconfig", "resourceconfig")}
told["host"] = sorted(os.listdir("/opt"))
json.dump(told, open(os.environ["SM_MODEL_DIR"] + "/told.json", "w"))
"""
"""A script whose model is what it saw."""


def told(
    root: Path, job: TrainingJob, opt_ml: OptMl = OptMl.WHERE_POSSIBLE, environment: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    jobs = trainer(root, TELL, shop=workshop(root, opt_ml=opt_ml, environment=environment))
    jobs.submit(job, key="tell-1")
    assert isinstance(ended(jobs, "tell-1"), Succeeded), list(jobs.logs("tell-1", start=0))
    found: dict[str, Any] = json.loads(model_file(jobs, root, "tell-1", "told.json"))
    return found | {"log": list(jobs.logs("tell-1", start=0))}


def opt() -> list[str]:
    return sorted(path.name for path in Path("/opt").iterdir()) if Path("/opt").is_dir() else []


@pytest.fixture
def anybodys(tmp_path: Path) -> Iterator[Path]:
    """A folder that every user of the machine may enter; pytest's own are closed."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@both
def test_a_script_sees_the_contracts_folders_variables_and_arguments(
    tmp_path: Path, channel: Input, opt_ml: OptMl
) -> None:
    job = training(TELL, channels=(channel,), hyperparameters=(("epochs", "3"), ("min-leaf", "x y")))
    found = told(tmp_path, job, opt_ml=opt_ml)
    ml = "/opt/ml" if opt_ml is OptMl.WHERE_POSSIBLE else str(tmp_path / "jobs" / "tell-1" / "ml")
    expected = {
        "SM_MODEL_DIR": f"{ml}/model",
        "SM_CHANNEL_TRAIN": f"{ml}/input/data/train",
        "SM_CHANNELS": '["train"]',
        "SM_HPS": '{"epochs": 3, "min-leaf": "x y"}',
        "SM_HP_EPOCHS": "3",
        "SM_HP_MIN_LEAF": "x y",
        "SM_OUTPUT_DATA_DIR": f"{ml}/output/data",
        "SM_INPUT_DIR": f"{ml}/input",
        "SM_INPUT_CONFIG_DIR": f"{ml}/input/config",
        "SM_HOSTS": '["algo-1"]',
        "SM_CURRENT_HOST": "algo-1",
        "SM_NUM_CPUS": "1",
        "SM_NUM_GPUS": "0",
        "SM_LOG_LEVEL": "20",
        "TRAINING_JOB_NAME": "tell-1",
        "AWS_REGION": "us-east-1",
        "PYTHONPATH": f"{ml}/code",
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "NUMEXPR_NUM_THREADS": "1",
    }
    assert {name: found["env"].get(name) for name in expected} == expected
    assert found["env"]["TRAINING_JOB_ARN"].endswith(":training-job/tell-1")
    assert found["argv"] == ["--epochs", "3", "--min-leaf", "x y"]
    assert found["cwd"] == f"{ml}/code"
    assert f"{ml}/code" in found["path"]
    assert found["config"]["hyperparameters"] == {"epochs": "3", "min-leaf": "x y"}
    assert list(found["config"]["inputdataconfig"]) == ["train"]
    assert found["config"]["resourceconfig"]["current_host"] == "algo-1"
    assert found["config"]["resourceconfig"]["hosts"] == ["algo-1"]
    assert "input/data/train/train.csv" in found["files"]
    assert any("no /opt/ml of its own" in line for line in found["log"]) is (opt_ml is OptMl.NEVER)
    assert "1 thread" in found["log"][0]


@pytest.mark.skipif(not has_namespaces(), reason="unshare is refused")
def test_a_jobs_opt_ml_is_its_own_and_the_hosts_opt_is_untouched(tmp_path: Path) -> None:
    before = opt()
    found = told(tmp_path, training(TELL))
    assert found["host"] == sorted({*before, "ml"})
    assert opt() == before


@pytest.mark.skipif(not has_namespaces(), reason="unshare is refused")
@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can become somebody else")
def test_a_plain_user_gets_a_true_opt_ml_and_stays_who_they_are(anybodys: Path) -> None:
    (anybodys / "proof").write_text("mine")
    before = opt()
    script = "from pathlib import Path; import os, sys; from mlops_ci.runtime.namespace import enter\n"
    script += (
        "print(enter(Path(sys.argv[1])) or open('/opt/ml/proof').read(), os.geteuid(), *sorted(os.listdir('/opt')))"
    )
    command = ["setpriv", "--reuid=65533", "--regid=65533", "--clear-groups", sys.executable, "-c", script]
    house = {"PYTHONPATH": str(Path(jobfolder.__file__).parents[2])}
    done = subprocess.run([*command, anybodys], env=house, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"another user cannot run this interpreter: {done.stderr[-200:]}")
    if "unshare" in done.stdout:
        pytest.skip(done.stdout)
    assert done.stdout.split() == ["mine", "65533", *sorted({*before, "ml"})]
    assert opt() == before


def test_nothing_secret_of_our_environment_reaches_the_job(tmp_path: Path) -> None:
    mine = {
        **os.environ,
        "AWS_SECRET_ACCESS_KEY": "hush",
        "GITHUB_TOKEN": "hush",
        "GIT_ASKPASS": "hush",
        "PYTHONPATH": "/hush",
        "LC_TIME": "C",
    }
    job = training(TELL, environment=(("MY_OWN", "yes"), ("OMP_NUM_THREADS", "2")))
    found = told(tmp_path, job, environment=mine)
    assert not [name for name, value in found["env"].items() if "hush" in value]
    assert found["env"]["LC_TIME"] == "C"
    assert found["env"]["MY_OWN"] == "yes"
    assert found["env"]["OMP_NUM_THREADS"] == "2"
    assert "2 threads" in found["log"][0]
    assert found["env"]["TMPDIR"] == str(tmp_path / "jobs" / "tell-1" / "tmp")
