"""The port of an endpoint: asked for, kept, taken by somebody else, or found by another command."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from mlops_ci.adapters.files.artifacts import FolderArtifacts
from mlops_ci.adapters.local.endpoints import LocalEndpoints
from mlops_ci.errors import ProviderError
from mlops_ci.ports.endpoints import EndpointSpec, EndpointState
from mlops_ci.runtime.identity import is_alive
from tests.adapters.local.hosts import a_host, eventually, processes
from tests.contracts.endpoints import sent, settled, spec
from tests.packages import a_package


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
