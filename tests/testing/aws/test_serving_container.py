"""The container that serves a model, by itself."""

from __future__ import annotations

import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_ci.testing.aws.containers.serving import ServingContainer
from mlops_ci.testing.aws.failure import Failure
from mlops_ci.testing.aws.loopback import Loopback
from tests.testing.aws.asking import Account, archive

DOUBLE = """
import os
def model_fn(folder):
    print('loading', sorted(os.listdir('/opt/ml/model')), os.environ['MINE'])
    return int(open('/opt/ml/model/factor').read())
def predict_fn(rows, factor):
    return rows * factor
"""


@pytest.fixture
def made(aws_server: Loopback, tmp_path: Path) -> Iterator[list[ServingContainer]]:
    """Return a list; what is in it at the end is ended."""
    containers: list[ServingContainer] = []
    yield containers
    for container in containers:
        container.kill()


def container(aws: Loopback, folder: Path, files: dict[str, str], **environment: str) -> ServingContainer:
    """Return a container for a model of these files, which is not started yet."""
    (folder / "model.tar.gz").write_bytes(archive(files))
    return ServingContainer(aws, folder / "model.tar.gz", environment, folder / "container", image="any:1")


def ask(url: str, body: bytes) -> tuple[int, bytes]:
    request = urllib.request.Request(f"{url}/invocations", body, {"Content-Type": "text/csv", "Accept": "text/csv"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_it_serves_the_model_with_its_code_and_variables_until_it_is_stopped(
    aws_server: Loopback, tmp_path: Path, made: list[ServingContainer]
) -> None:
    files = {"factor": "2", "code/serve.py": DOUBLE}
    found = container(aws_server, tmp_path, files, SAGEMAKER_PROGRAM="serve.py", MINE="yes")
    made.append(found)
    found.start()
    assert found.ping() == 200
    assert ask(found.url, b"1,2\n") == (200, b"2.0,4.0\n")
    assert "loading ['code', 'factor'] yes" in found.log()
    found.stop()
    assert found.ping() == 0
    assert found.has_ended()


def test_its_code_may_lie_in_a_bucket(
    aws_server: Loopback, account: Account, tmp_path: Path, made: list[ServingContainer]
) -> None:
    source = account.put(f"s3://{account.bucket()}/code.tar.gz", archive({"serve.py": DOUBLE}))
    variables = {"SAGEMAKER_PROGRAM": "serve.py", "SAGEMAKER_SUBMIT_DIRECTORY": source, "MINE": "s3"}
    found = container(aws_server, tmp_path, {"factor": "3", "code/serve.py": "raise OSError"}, **variables)
    made.append(found)
    found.start()
    assert ask(found.url, b"1\n") == (200, b"3.0\n")


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"factor": "2"}, "no `code/inference.py`"),
        ({"code/inference.py": "def model_fn(folder): raise KeyError('weights')"}, "KeyError: 'weights'"),
        ({"code/inference.py": "import os; os._exit(3)"}, "ended while it came up"),
        ({"code/inference.py": "", "code/requirements.txt": "./not-there\n"}, "requirements cannot be installed"),
    ],
    ids=["no script", "raises", "exits", "requirements"],
)
def test_one_that_does_not_come_up_says_why_and_leaves_nothing(
    aws_server: Loopback, tmp_path: Path, files: dict[str, str], why: str
) -> None:
    found = container(aws_server, tmp_path, files)
    with pytest.raises(Failure, match=why):
        found.start()
    assert found.has_ended()


def test_a_script_below_the_top_folder_is_no_module_to_the_toolkits(aws_server: Loopback, tmp_path: Path) -> None:
    """They cut `.py` off SAGEMAKER_PROGRAM and import the rest."""
    found = container(aws_server, tmp_path, {"code/deep/serve.py": DOUBLE}, SAGEMAKER_PROGRAM="deep/serve.py")
    with pytest.raises(Failure, match="No module named 'deep/serve'"):
        found.start()


def test_one_that_takes_too_long_to_load_is_given_up(aws_server: Loopback, tmp_path: Path) -> None:
    script = "import os, time\ndef model_fn(folder):\n    print('pid', os.getpid(), flush=True)\n    time.sleep(60)\n"
    found = container(aws_server, tmp_path, {"code/inference.py": script})
    began = time.monotonic()
    with pytest.raises(Failure, match="health check"):
        found.start(within=1.5)
    assert time.monotonic() - began < 15
    pid = int(found.log().rpartition("pid ")[2])
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
