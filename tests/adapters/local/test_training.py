"""Training here, under SageMaker's container contract."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.adapters.local.training import local_trainer
from mlops_ci.adapters.local.workshop import OptMl
from mlops_ci.errors import InputsMoved, ProviderError
from mlops_ci.model import MetricDefinition
from mlops_ci.ports.jobs import (
    Code,
    CodeFile,
    Failed,
    FailureCause,
    Image,
    Input,
    Jobs,
    Running,
    Succeeded,
    TrainingJob,
)
from mlops_ci.runtime import jobfolder
from tests.adapters.local.workplace import (
    BROKEN,
    ENDLESS,
    HELLO,
    code,
    environments,
    trainer,
    training,
    tree,
    workshop,
)
from tests.contracts.jobs import JobsContract, ended

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


@pytest.fixture
def channel(tmp_path: Path) -> Input:
    folder = tmp_path / "data" / "train"
    folder.mkdir(parents=True)
    (folder / "train.csv").write_text("a,b\n1,2\n")
    return Input("train", str(folder))


def wait(condition: Callable[[], object]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.01)


def model_file(jobs: Jobs[TrainingJob], root: Path, key: str, name: str) -> bytes:
    digest = jobs.collect(key).digest("model")
    assert digest
    with tarfile.open(root / "store" / "artifacts" / "sha256" / digest[:2] / digest) as archive:
        found = archive.extractfile(name)
        assert found
        return found.read()


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


def has_namespaces() -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    return any(subprocess.run(["unshare", flags, "true"], check=False).returncode == 0 for flags in ("-m", "-Urm"))


both = pytest.mark.parametrize(
    "opt_ml",
    [
        pytest.param(OptMl.WHERE_POSSIBLE, marks=pytest.mark.skipif(not has_namespaces(), reason="unshare is refused")),
        OptMl.NEVER,
    ],
)


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


def test_code_that_was_edited_since_starts_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, HELLO)
    name = training(HELLO).entry
    moved = local_trainer(workshop(tmp_path), environments(tmp_path), lambda: tree({name: HELLO + "#"}))
    with pytest.raises(InputsMoved) as caught:
        moved.submit(training(HELLO), key="k-1")
    assert f"src/{name}" in caught.value.summary
    assert moved.status("k-1") is None
    assert [path.name for path in (tmp_path / "jobs").rglob("*")] == [".staging"]
    jobs.submit(training(HELLO), key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded)


def test_code_that_is_gone_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputsMoved, match="is gone"):
        trainer(tmp_path).submit(training(HELLO), key="k-1")


def test_code_cannot_leave_its_folder(tmp_path: Path) -> None:
    job = training(HELLO)
    outside = Code((CodeFile("../../escape.py", job.code.files[0].origin, job.code.files[0].blob),), "d")
    with pytest.raises(ProviderError, match="leaves the code folder"):
        trainer(tmp_path, HELLO).submit(
            TrainingJob("m", "c", Image(), outside, "x", (), (), (), job.resources), key="k-1"
        )


def test_modules_beside_the_script_are_imported_from_subfolders_too(tmp_path: Path) -> None:
    files = {"train.py": "from lib.save import save; save()", "lib/save.py": f"def save():\n    {HELLO}"}
    jobs = local_trainer(workshop(tmp_path), environments(tmp_path), lambda: tree(files))
    job = training("")
    jobs.submit(TrainingJob("m", "c", Image(), code(files), "train.py", (), (), (), job.resources), key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded), list(jobs.logs("k-1", start=0))


def test_a_job_that_writes_to_its_input_does_not_reach_the_original(tmp_path: Path, channel: Input) -> None:
    script = HELLO + "; open(os.environ['SM_CHANNEL_TRAIN'] + '/train.csv', 'w').write('spoiled')"
    jobs = trainer(tmp_path, script)
    jobs.submit(training(script, channels=(channel,)), key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded)
    assert (Path(channel.location) / "train.csv").read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize("location", ["/nowhere/at/all", "s3://bucket/train"])
def test_an_input_that_is_not_here_is_a_provider_error(tmp_path: Path, location: str) -> None:
    with pytest.raises(ProviderError, match="input `train`"):
        trainer(tmp_path, HELLO).submit(training(HELLO, channels=(Input("train", location),)), key="k-1")


@pytest.mark.parametrize("key", ["", "../outside", ".hidden", "a/b", "a" * 201])
def test_a_key_that_is_no_folders_name_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ProviderError):
        trainer(tmp_path, HELLO).submit(training(HELLO), key=key)


def test_of_many_who_submit_one_key_at_once_exactly_one_starts_it(tmp_path: Path) -> None:
    script = HELLO + f"; open({str(tmp_path / 'marks')!r}, 'a').write('started\\n')"
    jobs = trainer(tmp_path, script)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: jobs.submit(training(script), key="race-1"), range(8)))
    assert isinstance(ended(jobs, "race-1"), Succeeded)
    assert (tmp_path / "marks").read_text() == "started\n"
    assert list((tmp_path / "jobs" / ".staging").iterdir()) == []


def test_a_job_whose_claimant_died_before_starting_it_is_started_by_the_next(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, HELLO)
    jobs.submit(training(HELLO), key="whole-1")
    ended(jobs, "whole-1")
    # What such a claimant leaves: the folder with its name, and no runner.
    shutil.copytree(tmp_path / "jobs" / "whole-1", tmp_path / "jobs" / "k-1")
    for name in ("runner.json", "runner.lock", "exit.json", "log", "runner.log"):
        (tmp_path / "jobs" / "k-1" / name).unlink()
    assert jobs.status("k-1") is None
    jobs.submit(training(HELLO), key="k-1")
    assert jobs.status("k-1") is not None
    wait((tmp_path / "jobs" / "k-1" / "exit.json").exists)


def test_what_a_killed_claimant_left_half_made_is_swept_up(tmp_path: Path) -> None:
    says = [sys.executable, "-c", "from mlops_ci.adapters.drafts import signed; print(signed())"]
    killed = subprocess.run(says, capture_output=True, text=True, check=True).stdout.strip()
    left = tmp_path / "jobs" / ".staging" / f"{killed}abc"
    left.mkdir(parents=True)
    jobs = trainer(tmp_path, HELLO)
    jobs.submit(training(HELLO), key="k-1")
    assert not left.exists()
    ended(jobs, "k-1")


def test_a_job_goes_on_when_its_submitter_is_killed_and_another_process_adopts_it(tmp_path: Path) -> None:
    script = """
import os, time
print("waiting", flush=True)
while not os.path.exists(os.environ["GO"]):
    time.sleep(0.02)
open(os.environ["SM_MODEL_DIR"] + "/model", "w").write("m")
"""
    job = f"training({script!r}, environment=(('GO', {str(tmp_path / 'go')!r}),))"
    submitter = f"""
import os, signal
from pathlib import Path
from tests.adapters.local.workplace import trainer, training
trainer(Path({str(tmp_path)!r}), {script!r}).submit({job}, key="k-1")
os.killpg(0, signal.SIGKILL)
"""
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", submitter], cwd=root, start_new_session=True, check=False)
    assert done.returncode == -signal.SIGKILL
    jobs = trainer(tmp_path, script)
    assert isinstance(jobs.status("k-1"), Running)
    jobs.submit(training(script), key="k-1")
    (tmp_path / "go").touch()
    assert isinstance(ended(jobs, "k-1"), Succeeded)
    assert list(jobs.logs("k-1", start=0)).count("waiting") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="what left the group is found by /proc")
def test_a_job_whose_runner_was_killed_is_lost_and_nothing_of_it_runs_on(tmp_path: Path) -> None:
    script = """
import os, time
if not os.fork():
    os.setsid()
os.write(1, b"pid %d\\n" % os.getpid())
time.sleep(600)
"""
    jobs = trainer(tmp_path, script)
    jobs.submit(training(script), key="k-1")
    wait(lambda: sum("pid" in line for line in jobs.logs("k-1", start=0)) == 2)
    family = [int(line.split()[1]) for line in jobs.logs("k-1", start=0) if line.startswith("pid")]
    runner = jobfolder.read_json(tmp_path / "jobs" / "k-1" / "runner.json")
    assert runner
    os.kill(runner["pid"], signal.SIGKILL)
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.LOST
    assert str(runner["pid"]) in found.detail
    wait(
        lambda: (
            not any(
                Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family
            )
        )
    )
    assert [output.name for output in jobs.collect("k-1").artifacts] == ["log"]
    assert jobs.status("k-1") == found


def test_a_pid_that_is_used_again_is_not_taken_for_the_runner(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, HELLO)
    jobs.submit(training(HELLO), key="k-1")
    ended(jobs, "k-1")
    folder = tmp_path / "jobs" / "k-1"
    runner = jobfolder.read_json(folder / "runner.json")
    assert runner
    (folder / "exit.json").unlink()
    for change in ({"pid": os.getpid()}, {"pid": os.getpid(), "boot": "another"}):
        jobfolder.write_json(folder / "runner.json", runner | change)
        found = jobs.status("k-1")
        assert isinstance(found, Failed)
        assert found.cause is FailureCause.LOST


def test_max_runtime_fails_a_job_that_hangs(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, ENDLESS)
    jobs.submit(training(ENDLESS, max_runtime=1), key="k-1")
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.MAX_RUNTIME
    assert "1 s" in found.detail


def test_a_runner_that_failed_itself_says_why(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, HELLO)
    jobs.submit(training(HELLO), key="whole-1")
    ended(jobs, "whole-1")
    folder = tmp_path / "jobs" / "k-1"
    shutil.copytree(tmp_path / "jobs" / "whole-1", folder)
    for name in ("runner.json", "exit.json"):
        (folder / name).unlink()
    jobfolder.write_json(folder / "job.json", {"about": {"products": [], "image": None}})
    jobs.submit(training(HELLO), key="k-1")
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.LOST
    assert "KeyError" in found.detail
