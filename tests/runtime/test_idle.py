"""What ends a notebook instance in which nothing runs: it asks Jupyter, which a server of ours plays by its API."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mlops_ci.runtime.idle import active, main, moment

Said = dict[str, list[dict[str, str]]]


@pytest.fixture
def said() -> Said:
    return {"/api/kernels": [], "/api/terminals": []}


@pytest.fixture
def url(said: Said) -> Iterator[str]:
    class Jupyter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(said[self.path]).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Jupyter)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def test_a_kernel_that_is_busy_is_active_now_and_one_that_waits_since_it_worked(url: str, said: Said) -> None:
    said["/api/kernels"] = [{"execution_state": "idle", "last_activity": at(500.0)}]
    assert active(url, 1000.0) == 500.0
    said["/api/kernels"].append({"execution_state": "busy", "last_activity": at(100.0)})
    assert active(url, 1000.0) == 1000.0


def test_a_terminal_counts_by_its_last_activity(url: str, said: Said) -> None:
    said["/api/terminals"] = [{"name": "1", "last_activity": at(700.0)}, {"name": "2"}]
    assert active(url, 1000.0) == 700.0


def test_where_nothing_answers_nothing_is_active() -> None:
    assert active("http://127.0.0.1:9", 1000.0) == 0.0


def test_times_are_read_as_jupyter_writes_them() -> None:
    assert moment("2026-01-01T00:00:00Z") == moment("2026-01-01T00:00:00.000000+00:00") == 1767225600.0
    assert moment("2026-01-01T00:00:00") == 1767225600.0
    assert moment(None) == moment("soon") == 0.0


def ended(url: str, mark: Path, minutes: float) -> Callable[[], bool]:
    touch = [sys.executable, "-c", f"open({str(mark)!r}, 'w')"]
    options = ["--url", url, "--minutes", str(minutes), "--every", "0.05"]
    thread = threading.Thread(target=main, args=([*options, "--", *touch],), daemon=True)
    thread.start()
    return lambda: not thread.is_alive()


def test_the_command_runs_once_nothing_was_active_for_so_long(url: str, said: Said, tmp_path: Path) -> None:
    said["/api/kernels"] = [{"execution_state": "busy"}]
    mark = tmp_path / "stopped"
    has_ended = ended(url, mark, 0.5 / 60)
    time.sleep(1.0)
    assert not mark.exists(), "a kernel is busy"
    said["/api/kernels"].clear()
    began = time.monotonic()
    while not has_ended():
        assert time.monotonic() - began < 30
        time.sleep(0.02)
    assert mark.exists()
    assert time.monotonic() - began > 0.4
