"""Endpoints under stress: slow and loud packages, files that change, and clients that are served meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.ports.endpoints import EndpointState
from mlops_ci.runtime.control import Timings
from mlops_ci.runtime.identity import is_alive
from tests.adapters.local.hosts import a_host, eventually, processes
from tests.contracts.endpoints import PLACE, sent, settled, spec
from tests.load import Clients
from tests.packages import LOAD, SCALE, a_package


def test_many_who_apply_at_once_start_one_supervisor(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    package = a_package(artifacts)
    problems: list[BaseException] = []

    def apply() -> None:
        try:
            a_host(tmp_path, artifacts).apply(spec(package))
        except BaseException as problem:  # noqa: BLE001 - told below
            problems.append(problem)

    threads = [threading.Thread(target=apply) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert settled(host).state is EndpointState.IN_SERVICE
    shown = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    launched = [line for line in shown.splitlines() if f"--folder {tmp_path}" in line]
    assert len(launched) == 1
    assert len(processes(tmp_path)) == 2


def test_a_worker_is_not_started_again_on_a_file_that_changed_until_it_is_applied_again(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    package = a_package(artifacts)
    host.apply(spec(package))
    settled(host)
    file = tmp_path / "packages" / package.digest / "model/code/inference.py"
    file.chmod(0o644)
    file.write_text(file.read_text() + "# changed\n")
    os.kill(processes(tmp_path)[1].pid, signal.SIGKILL)
    eventually(lambda: host.describe()[0].state is EndpointState.FAILED, "failed")
    assert "inference.py" in host.describe()[0].detail
    host.apply(spec(package))
    assert settled(host).state is EndpointState.IN_SERVICE
    assert sent(host).status == 200


def test_a_slow_package_is_given_up_after_its_time_and_the_old_one_serves(
    tmp_path: Path, artifacts: FolderArtifacts
) -> None:
    host = LocalEndpoints(
        tmp_path / "endpoints", artifacts, lambda _: Path(sys.executable), timings=Timings(start=3.0, drain=1.0)
    )
    try:
        host.apply(spec(a_package(artifacts), 1))
        settled(host)
        host.apply(spec(a_package(artifacts, LOAD + "time.sleep(600)\n"), 2))
        now = settled(host)
        assert (now.state, now.version) == (EndpointState.IN_SERVICE, 1)
        assert "not up after 3 s" in now.detail
    finally:
        host.delete(*PLACE)


def test_serving_code_sees_no_secret_of_ours_and_its_share_of_the_cores(
    tmp_path: Path, artifacts: FolderArtifacts
) -> None:
    code = LOAD + "def transform_fn(model, data, content_type, accept):\n    return json.dumps(dict(os.environ))\n"
    host = a_host(tmp_path, artifacts, environ={"PATH": os.environ["PATH"], "AWS_SECRET_ACCESS_KEY": "hidden"})
    try:
        workers = os.cpu_count() or 1
        host.apply(spec(a_package(artifacts, code, environment={"MKL_NUM_THREADS": "7"}), workers=workers))
        settled(host)
        seen = json.loads(sent(host).body)
        assert "AWS_SECRET_ACCESS_KEY" not in seen
        assert (seen["OMP_NUM_THREADS"], seen["MKL_NUM_THREADS"], seen["SM_NUM_CPUS"]) == ("1", "7", "1")
        assert "OMP_NUM_THREADS=1" in "\n".join(host.logs(*PLACE, tail=500))
    finally:
        host.delete(*PLACE)


def test_a_log_that_never_ends_is_bounded(host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path) -> None:
    code = SCALE + (
        "def output_fn(prediction, accept):\n"
        "    sys.stdout.write(('x' * 1023 + '\\n') * 20480)\n"
        "    print('said all', flush=True)\n"
        "    return json.dumps(prediction)\n"
    )
    host.apply(spec(a_package(artifacts, code)))
    settled(host)
    for _ in range(2):
        assert sent(host).status == 200
    eventually(lambda: "said all" in host.logs(*PLACE, tail=2), "the end of the log")
    folder = tmp_path / "endpoints/staging/churn"
    assert sum(file.stat().st_size for file in folder.glob("log*")) <= 17 << 20


def test_a_removed_state_folder_ends_the_endpoint(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    host.apply(spec(a_package(artifacts)))
    settled(host)
    who = processes(tmp_path)
    shutil.rmtree(tmp_path / "endpoints")
    eventually(lambda: not any(is_alive(one) for one in who), "supervisor and worker ended")


def test_deleting_answers_what_is_under_way(host: LocalEndpoints, artifacts: FolderArtifacts) -> None:
    code = SCALE + "def output_fn(prediction, accept):\n    time.sleep(1)\n    return json.dumps(prediction)\n"
    host.apply(spec(a_package(artifacts, code)))
    settled(host)
    answers: list[int] = []
    thread = threading.Thread(target=lambda: answers.append(sent(host).status))
    thread.start()
    time.sleep(0.3)
    host.delete(*PLACE)
    thread.join()
    assert answers == [200]


def test_slow_keep_alive_clients_meet_no_closing_door_in_a_swap(
    host: LocalEndpoints, artifacts: FolderArtifacts
) -> None:
    code = SCALE + "def output_fn(prediction, accept):\n    time.sleep(0.15)\n    return json.dumps(prediction)\n"
    host.apply(spec(a_package(artifacts, code, scale=1), 1))
    with Clients(settled(host).url, b"1,2", clients=8, pause=0.4) as clients:
        for version in range(2, 6):
            host.apply(spec(a_package(artifacts, code, scale=version), version))
            assert settled(host).version == version
            time.sleep(0.7)
    assert clients.failed == []
    assert {one.version for one in clients.seen} >= {"churn/v1", "churn/v5"}
