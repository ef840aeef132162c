"""Local endpoints when processes die, ports are taken and files change."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.errors import ProviderError
from mlops_ci.ports.endpoints import EndpointSpec, EndpointState
from mlops_ci.runtime import control
from mlops_ci.runtime.control import Timings
from mlops_ci.runtime.identity import Identity, is_alive
from tests.contracts.endpoints import PLACE, TELLS_ITS_PROCESS, sent, settled, spec
from tests.load import Clients
from tests.packages import LOAD, SCALE, a_package


@pytest.fixture
def artifacts(tmp_path: Path) -> FolderArtifacts:
    return FolderArtifacts(tmp_path / "store")


@pytest.fixture
def host(tmp_path: Path, artifacts: FolderArtifacts) -> Iterator[LocalEndpoints]:
    made = a_host(tmp_path, artifacts)
    yield made
    for endpoint in made.describe():
        made.delete(endpoint.environment, endpoint.model)


def a_host(tmp_path: Path, artifacts: FolderArtifacts, **about: object) -> LocalEndpoints:
    timings = Timings(drain=2.0)
    return LocalEndpoints(tmp_path / "endpoints", artifacts, lambda _: Path(sys.executable), timings=timings, **about)  # type: ignore[arg-type]


def processes(tmp_path: Path) -> tuple[Identity, ...]:
    """Return the supervisor of `staging/churn` and its workers."""
    return control.identities(tmp_path / "endpoints/staging/churn" / control.SUPERVISOR)


def eventually(claim: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + 30
    while not claim():
        assert time.monotonic() < until, f"not within 30 s: {what}"
        time.sleep(0.02)


def test_a_killed_worker_is_started_again_and_requests_meanwhile_wait(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    host.apply(spec(a_package(artifacts, TELLS_ITS_PROCESS)))
    settled(host)
    first = int(sent(host).body)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: not any(who.pid == first and is_alive(who) for who in processes(tmp_path)), "the worker ended")
    answer = sent(host)
    assert answer.status == 200
    assert int(answer.body) != first
    assert settled(host).state is EndpointState.IN_SERVICE
    eventually(lambda: "SIGKILL" in "\n".join(host.logs(*PLACE, tail=50)), "it is in the log")


def test_of_two_workers_one_goes_on_while_the_other_is_started_again(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    host.apply(spec(a_package(artifacts, TELLS_ITS_PROCESS), workers=2))
    settled(host)
    _, one, other = processes(tmp_path)
    os.kill(one.pid, signal.SIGKILL)
    assert all(sent(host).status == 200 for _ in range(5))
    eventually(lambda: len(processes(tmp_path)) == 3 and one not in processes(tmp_path), "two workers again")
    assert other in processes(tmp_path)


def test_a_worker_that_dies_again_and_again_is_failed_with_the_reason(
    host: LocalEndpoints, artifacts: FolderArtifacts
) -> None:
    code = SCALE + "import threading\nthreading.Timer(0.05, lambda: os._exit(7)).start()\ntime.sleep(0.02)\n"
    host.apply(spec(a_package(artifacts, code)))
    eventually(lambda: host.describe()[0].state is EndpointState.FAILED, "failed")
    assert "exit code 7" in host.describe()[0].detail
    with pytest.raises(ProviderError):
        sent(host)


def test_a_killed_supervisor_is_out_of_service_and_apply_starts_it_again_on_its_port(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    package = a_package(artifacts)
    host.apply(spec(package, 4))
    before = settled(host)
    supervisor, worker = processes(tmp_path)
    os.kill(supervisor.pid, signal.SIGKILL)
    eventually(lambda: not is_alive(supervisor), "the supervisor ended")
    now = host.describe()[0]
    assert (now.state, now.version, now.package) == (EndpointState.OUT_OF_SERVICE, 4, package.digest)
    eventually(lambda: not is_alive(worker), "its worker drained")
    host.apply(spec(package, 4))
    assert settled(host).url == before.url
    assert sent(host).status == 200


def test_applied_at_once_after_its_supervisor_was_killed_it_keeps_its_port_and_leaves_no_orphan(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    host.apply(spec(a_package(artifacts), 1))
    before = settled(host)
    supervisor, worker = processes(tmp_path)
    with socket.create_connection(("127.0.0.1", int(before.url.rpartition(":")[2]))):  # a silent client delays a drain
        os.kill(supervisor.pid, signal.SIGKILL)
        host.apply(spec(a_package(artifacts), 1))
        assert settled(host).url == before.url
        assert sent(host).status == 200
    eventually(lambda: not is_alive(worker), "the orphan ended")


def test_a_stopped_supervisor_is_out_of_service_within_a_moment_and_can_be_deleted(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    host.apply(spec(a_package(artifacts)))
    settled(host)
    supervisor, worker = processes(tmp_path)
    os.kill(supervisor.pid, signal.SIGSTOP)
    assert host.describe()[0].state is EndpointState.OUT_OF_SERVICE
    host.delete(*PLACE)
    assert host.describe() == ()
    eventually(lambda: not is_alive(supervisor) and not is_alive(worker), "both ended")


def test_the_endpoint_outlives_its_maker_and_holds_nothing_of_it(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    maker = f"""
import os, sys
from pathlib import Path
from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from tests.contracts.endpoints import settled, spec
from tests.packages import a_package
os.set_inheritable(int(sys.argv[1]), True)
artifacts = FolderArtifacts(Path({str(tmp_path / "store")!r}))
host = LocalEndpoints(Path({str(tmp_path / "endpoints")!r}), artifacts, lambda _: Path(sys.executable))
host.apply(spec(a_package(artifacts)))
settled(host)
os.kill(os.getpid(), 9)
"""
    reading, writing = os.pipe()
    made = subprocess.Popen(
        [sys.executable, "-c", maker, str(writing)],
        pass_fds=(writing,),
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    os.close(writing)
    assert os.read(reading, 1) == b"", "somebody still holds a descriptor of the maker"
    os.close(reading)
    said, _ = made.communicate()  # ends only when nobody holds its stdout
    assert (made.returncode, said) == (-signal.SIGKILL, b"")
    assert host.describe()[0].state is EndpointState.IN_SERVICE
    assert sent(host).status == 200
    supervisor = processes(tmp_path)[0].pid
    assert os.getsid(supervisor) != os.getsid(0)
    if sys.platform == "linux":
        assert Path(f"/proc/{supervisor}/fd/0").readlink() == Path(os.devnull)


def test_an_asked_port_that_is_in_use_is_refused_by_its_number_and_nothing_changes(
    host: LocalEndpoints, artifacts: FolderArtifacts
) -> None:
    host.apply(spec(a_package(artifacts)))
    before = settled(host)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ProviderError, match=f"port {port} is in use") as caught:
            host.apply(EndpointSpec("staging", "churn", 2, a_package(artifacts, scale=2), port=port))
    assert "port" in caught.value.hint
    assert settled(host) == before
    assert sent(host).version == "churn/v1"


def test_a_first_apply_at_a_port_in_use_leaves_no_process_behind(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ProviderError, match=f"port {port} is in use"):
            host.apply(EndpointSpec("staging", "churn", 1, a_package(artifacts), port=port))
    eventually(lambda: not any(is_alive(who) for who in processes(tmp_path)), "the supervisor ended")
    assert host.describe() == ()
    host.apply(EndpointSpec("staging", "churn", 1, a_package(artifacts), port=port))
    assert settled(host).url == f"http://127.0.0.1:{port}"


def test_a_command_with_another_folder_for_temporary_files_finds_the_endpoint(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    host.apply(spec(a_package(artifacts)))
    settled(host)
    other = a_host(tmp_path, artifacts, sockets=tmp_path / "s")
    assert other.describe() == host.describe()
    other.apply(spec(a_package(artifacts)))
    assert len(processes(tmp_path)) == 2


def test_an_asked_port_is_used_and_a_new_one_moves_the_endpoint(
    host: LocalEndpoints, artifacts: FolderArtifacts
) -> None:
    host.apply(spec(a_package(artifacts)))
    settled(host)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    host.apply(EndpointSpec("staging", "churn", 1, a_package(artifacts), port=port))
    assert settled(host).url == f"http://127.0.0.1:{port}"
    assert sent(host).status == 200


def test_a_kept_port_that_somebody_took_is_replaced_and_said(
    host: LocalEndpoints, artifacts: FolderArtifacts, tmp_path: Path
) -> None:
    host.apply(spec(a_package(artifacts)))
    port = int(settled(host).url.rpartition(":")[2])
    who = processes(tmp_path)
    os.kill(who[0].pid, signal.SIGKILL)
    eventually(lambda: not any(is_alive(one) for one in who), "all ended")
    with socket.create_server(("127.0.0.1", port)):
        host.apply(spec(a_package(artifacts)))
        now = settled(host)
    assert now.state is EndpointState.IN_SERVICE
    assert now.url != f"http://127.0.0.1:{port}"
    assert f"port {port} was taken" in now.detail
    assert sent(host).status == 200


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
