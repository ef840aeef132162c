"""The server as a process of its own: how it is started, and that nothing outlives it."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_ci.testing.aws.loopback import Loopback
from tests.testing.aws.asking import ROLE, Account, archive, training

SPAWNING = """
import subprocess, sys, time
subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)
subprocess.Popen(['sleep', '600'])
print('ready', flush=True)
time.sleep(600)
"""
HANGING = """
import subprocess, time
def model_fn(folder):
    subprocess.Popen(['sleep', '600'], start_new_session=True)
    print('ready', flush=True)
def transform_fn(*_):
    time.sleep(600)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Account]]:
    """Return a server that `mlops-ci testing aws start` started, with its files below `tmp_path / aws`."""
    command = [sys.executable, "-m", "mlops_ci", "-C", str(tmp_path), "testing", "aws", "start", "--root", "aws"]
    with subprocess.Popen(
        [*command, "--stop-grace", "1"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        said: dict[str, str] = {}
        while "AWS_SHARED_CREDENTIALS_FILE" not in said:
            word, assignment = shlex.split(process.stdout.readline())
            assert word == "export"
            name, _, value = assignment.partition("=")
            said[name] = value
        yield process, Account(Loopback(said["AWS_ENDPOINT_URL"], tmp_path / "aws"))
        process.kill()


def running(root: Path) -> list[str]:
    """Return the command lines of processes that work in a folder or know of it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            about = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            state = (process / "stat").read_text().rpartition(") ")[2][0]
        except OSError:
            continue
        if str(root).encode() in about and state not in "ZX":
            found.append((process / "cmdline").read_text().replace("\0", " "))
    return [line for line in found if "mlops_ci.testing.aws start" not in line]


def busy(account: Account) -> None:
    """Start a training and a transform that never end and have children of their own."""
    account.sagemaker.create_training_job(**training(account, SPAWNING, TrainingJobName="spawning"))
    bucket = account.bucket(rows="1\n")
    files = {"code/inference.py": HANGING}
    data = account.put(f"s3://{bucket}/model.tar.gz", archive(files))
    container = {"Image": "any:1", "ModelDataUrl": data}
    account.sagemaker.create_model(ModelName="hanging", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/rows"}}
    account.sagemaker.create_transform_job(
        TransformJobName="hanging",
        ModelName="hanging",
        TransformInput={"DataSource": source, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": f"s3://{bucket}/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    for group, name in (("Training", "spawning"), ("Transform", "hanging")):
        until = time.monotonic() + 30
        while "ready" not in account.log(f"/aws/sagemaker/{group}Jobs", name):
            assert time.monotonic() < until
            time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_nothing_of_its_jobs_outlives_the_server(
    server: tuple[subprocess.Popen[str], Account], tmp_path: Path, number: signal.Signals
) -> None:
    process, account = server
    busy(account)
    assert len(running(tmp_path / "aws")) >= 6
    process.send_signal(number)
    assert process.wait(20) == (0 if number == signal.SIGTERM else -number)
    until = time.monotonic() + 10
    while left := running(tmp_path / "aws"):
        assert time.monotonic() < until, left
        time.sleep(0.05)


def test_without_moto_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, importlib.util\nfound = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'moto' else found(name, *rest)\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci.testing.aws", "start"],
        env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 69
    assert done.stderr.endswith("hint: pip install 'mlops-ci[loopback]'\n")


def test_a_port_that_is_taken_is_told(server: tuple[subprocess.Popen[str], Account]) -> None:
    port = server[1].aws.url.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "mlops_ci.testing.aws", "start", "--port", port],
        capture_output=True, text=True, check=False, timeout=30,
    )  # fmt: skip
    assert done.returncode == 69
    assert "cannot start" in done.stderr
