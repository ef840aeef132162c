"""The serving containers: what they serve, and that nothing of them outlives the server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_ci.runtime.processes import descendants
from mlops_ci.testing.aws.containers.serving import ServingContainer
from tests.testing.aws.serving.worlds import TIMES, World, archive

SUBMITTED = TIMES.replace("factor * row", "factor * row + 1000")

STUBBORN = """
import json, os, subprocess, sys

def model_fn(model_dir):
    child = "import os, time; os.setsid(); time.sleep(600)"
    subprocess.Popen([sys.executable, "-c", child, "left-behind"])

def transform_fn(model, data, content_type, accept):
    return "[1.0]", "application/json"
"""

SERVER = """
import sys
from pathlib import Path
from mlops_ci.testing.aws.server import loopback
from tests.testing.aws.serving.worlds import world
with loopback(Path(sys.argv[1])) as aws:
    found = world(aws)
    found.serving("stubborn", found.model("stubborn", code=Path(sys.argv[2]).read_text()))
    print("serves", flush=True)
    sys.stdin.read()
"""


def test_the_built_in_xgboost_answers_rows_with_numbers_as_its_container_does(world: World, tmp_path: Path) -> None:
    xgboost = pytest.importorskip("xgboost")
    rows = np.random.default_rng(1).normal(size=(40, 3))
    booster = xgboost.train({"max_depth": 2}, xgboost.DMatrix(rows, label=rows[:, 0]), num_boost_round=5)
    booster.save_model(tmp_path / "model.ubj")
    world.put_model("boosted", {"xgboost-model": (tmp_path / "model.ubj").read_bytes()}, program="")
    world.serving("boosted", world.config("boosted", "boosted"))
    sent = "\n".join(",".join(map(str, row)) for row in rows[:3]).encode()
    expected = booster.predict(xgboost.DMatrix(rows[:3])).tolist()
    answer = world.invoke("boosted", sent)
    assert answer["ContentType"].startswith("text/csv")
    assert [float(number) for number in answer["Body"].read().decode().split(",")] == pytest.approx(expected)
    answer = world.invoke("boosted", sent, Accept="application/json")
    assert [item["score"] for item in json.loads(answer["Body"].read())["predictions"]] == pytest.approx(expected)
    lines = "\n".join(" ".join(f"{at}:{cell}" for at, cell in enumerate(row)) for row in rows[:3])
    answer = world.invoke("boosted", lines.encode(), ContentType="text/libsvm")
    assert [float(number) for number in answer["Body"].read().decode().split(",")] == pytest.approx(expected)


def test_in_a_batch_transform_the_built_in_xgboost_answers_a_number_a_line(world: World, tmp_path: Path) -> None:
    xgboost = pytest.importorskip("xgboost")
    rows = np.arange(12.0).reshape(4, 3)
    booster = xgboost.train({}, xgboost.DMatrix(rows, label=rows[:, 0]), num_boost_round=2)
    booster.save_model(tmp_path / "model.ubj")
    model = tmp_path / "model.tar.gz"
    model.write_bytes(archive({"xgboost-model": (tmp_path / "model.ubj").read_bytes()}))
    container = ServingContainer(world.aws, model, {"SAGEMAKER_BATCH": "true"}, tmp_path / "container")
    container.start()
    try:
        assert asked(container, b"0,1,2\n3,4,5").count("\n") == 2
        lines = asked(container, b"0,1,2\n3,4,5", "application/json").splitlines()
        assert all(isinstance(json.loads(line), float) for line in lines)
    finally:
        container.stop()


def test_code_at_a_submit_directory_of_s3_is_what_serves(world: World) -> None:
    code = archive({"inference.py": SUBMITTED})
    world.client("s3").put_object(Bucket="models", Key="sourcedir.tar.gz", Body=code)
    files: dict[str, str | bytes] = {"factor.json": "2", "code/inference.py": "raise SystemExit"}
    world.put_model("submitted", files, SAGEMAKER_SUBMIT_DIRECTORY="s3://models/sourcedir.tar.gz")
    world.serving("submitted", world.config("submitted", "submitted"))
    assert world.predicted("submitted", b"1") == [1002.0]


def test_variants_share_the_requests_by_their_weights_and_can_be_asked_for(world: World) -> None:
    for name, factor in (("first", 1), ("second", 2)):
        world.model(name, factor=factor)
    variants = [
        {
            "VariantName": name,
            "ModelName": name,
            "InstanceType": "ml.m7i.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": weight,
        }
        for name, weight in (("first", 1), ("second", 0))
    ]
    world.sagemaker.create_endpoint_config(EndpointConfigName="both", ProductionVariants=variants)
    world.serving("both", "both")
    assert {world.predicted("both")[0] for _ in range(10)} == {1.0}
    answer = world.invoke("both", TargetVariant="second")
    assert answer["InvokedProductionVariant"] == "second"
    assert json.loads(answer["Body"].read()) == [2.0]


def test_a_process_that_dies_is_replaced_and_nobody_need_do_anything(world: World) -> None:
    world.serving("dies", world.model("dies", factor=3, MARK="dies"))
    *_, worker = [pid for pid in descendants(os.getpid()) if b"MARK=dies" in Path(f"/proc/{pid}/environ").read_bytes()]
    os.kill(worker, signal.SIGKILL)
    end, answer = time.monotonic() + 20, [0.0]
    while answer != [3.0]:
        assert time.monotonic() < end
        try:
            answer = world.predicted("dies")
        except Exception:  # noqa: BLE001 - what was under way in the killed process
            time.sleep(0.05)
    assert world.described("dies")["EndpointStatus"] == "InService"


HANGS = "import time\n\ndef model_fn(model_dir):\n    time.sleep(600)\n"


def test_an_endpoint_that_hangs_in_its_model_does_not_keep_the_server_from_ending(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(HANGS)
    code = SERVER.replace(
        'found.serving("stubborn", ', 'found.sagemaker.create_endpoint(EndpointName="e", EndpointConfigName='
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "aws"), str(tmp_path / "code.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"serves\n"
        until = time.monotonic() + 20
        while len(before := descendants(process.pid)) < 2:
            assert time.monotonic() < until
        process.stdin.close()
        assert process.wait(20) == 0
        assert [pid for pid in before if is_running(pid)] == []


def test_a_reset_of_moto_ends_the_processes_of_endpoints_that_it_forgets(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(TIMES.replace("json.load(file)", "1"))
    reset = "    import urllib.request\n    urllib.request.urlopen(aws.url + '/moto-api/reset', b'').read()\n"
    code = SERVER.replace('    print("serves"', f'{reset}    print("serves"')
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "aws"), str(tmp_path / "code.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"serves\n"
        until = time.monotonic() + 20
        while left := descendants(process.pid):
            assert time.monotonic() < until, [command(pid) for pid in left]
            time.sleep(0.05)
        assert process.poll() is None
        process.stdin.close()


@pytest.mark.parametrize("ending", [signal.SIGKILL, None])
def test_nothing_is_left_when_the_server_ends_however_it_ends(tmp_path: Path, ending: signal.Signals | None) -> None:
    (tmp_path / "code.py").write_text(STUBBORN)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "aws"), str(tmp_path / "code.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"serves\n"
    before = descendants(process.pid)
    assert len(before) == 3  # the guard, the worker, and what the model started
    if ending is None:
        process.stdin.close()
    else:
        process.send_signal(ending)
    process.wait(30)
    end = time.monotonic() + 10
    while left := [pid for pid in before if is_running(pid)]:
        assert time.monotonic() < end, [command(pid) for pid in left]
        time.sleep(0.05)
    process.stdout.close()


def asked(container: ServingContainer, body: bytes, accept: str = "text/csv") -> str:
    headers = {"Content-Type": "text/csv", "Accept": accept}
    request = urllib.request.Request(f"{container.url}/invocations", body, headers)
    with urllib.request.urlopen(request) as answer:
        text: Any = answer.read()
        return str(text.decode())


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}
