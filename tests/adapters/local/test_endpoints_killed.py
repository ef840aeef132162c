"""Workers, supervisors and makers of an endpoint are killed; it comes back on its port, or says why not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.errors import ProviderError
from mlops_ci.ports.endpoints import EndpointState
from mlops_ci.runtime.identity import is_alive
from tests.adapters.local.hosts import eventually, processes
from tests.contracts.endpoints import PLACE, TELLS_ITS_PROCESS, sent, settled, spec
from tests.packages import SCALE, a_package


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
