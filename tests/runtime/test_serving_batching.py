from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from mlops_ci.runtime.batching import Predictions, Reply
from mlops_ci.runtime.handlers import Handler
from mlops_ci.runtime.package import PackageFolder

Transform = Callable[[object, str, str, str], str]
Ask = tuple[bytes, str, str]


class Calls:
    """A transform function that keeps what it was given, and whose first call waits until `go` is set."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.seen: list[str] = []
        self.go = threading.Event()
        self._answer = answer

    def __call__(self, model: object, data: str, content_type: str, accept: str) -> str:
        self.seen.append(data)
        if len(self.seen) == 1:
            assert self.go.wait(30)
        return self._answer(data)


def replies(calls: Calls, asks: list[Ask], *, joins: bool) -> list[Reply]:
    """Return the replies to requests of which all but the first queued while the first was answered."""
    script = ModuleType("inference")
    vars(script)["transform_fn"] = calls
    handler = Handler(PackageFolder(Path(), "d", "inference.py", ("a", "b"), ()), script, None)

    async def run() -> list[Reply]:
        predictions = Predictions(handler, asyncio.get_running_loop(), joins=joins)
        futures = [predictions.ask(*ask) for ask in asks]
        calls.go.set()
        return list(await asyncio.gather(*futures))

    return asyncio.run(run())


def sums(data: str) -> str:
    return json.dumps([sum(float(cell) for cell in line.split(",")) for line in data.split("\n")])


def rows(*bodies: str) -> list[Ask]:
    return [(body.encode(), "text/csv", "") for body in bodies]


def test_by_default_each_request_is_one_call_in_the_order_asked() -> None:
    calls = Calls(sums)
    found = replies(calls, rows("1,2", "3,4", "5,6"), joins=False)
    assert calls.seen == ["1,2", "3,4", "5,6"]
    assert [reply.body for reply in found] == [b"[3.0]", b"[7.0]", b"[11.0]"]


def test_what_queued_meanwhile_is_joined_and_answered_byte_for_byte_as_alone() -> None:
    asks = rows("0,0", "1,2", "3,4\n5,6\n", "7,8")
    joined, alone = Calls(sums), Calls(sums)
    assert replies(joined, asks, joins=True) == replies(alone, asks, joins=False)
    assert len(joined.seen) <= 2
    assert joined.seen[-1].endswith("1,2\n3,4\n5,6\n7,8")


def test_only_requests_of_one_content_type_and_one_accept_share_a_call() -> None:
    calls = Calls(lambda data: json.dumps([0] * len(data.split("\n"))))
    asks = [
        *rows("0,0"),
        (b"1,2", "text/csv", "application/json"),
        (b"[3, 4]", "application/jsonlines", ""),
        (b"5,6", "text/csv", "text/csv"),
        (b"[[7, 8]]", "application/json", ""),
        (b"[[9, 10]]", "application/json", ""),
    ]
    replies(calls, asks, joins=True)
    assert [data for data in calls.seen if "0,0" not in data and data != "1,2"] == [
        "[3, 4]",
        "5,6",
        "[[7, 8]]",
        "[[9, 10]]",
    ]


def test_where_the_joined_call_fails_only_the_request_at_fault_does(capsys: pytest.CaptureFixture[str]) -> None:
    found = replies(Calls(sums), rows("0,0", "1,2", "bad,row", "3,4"), joins=True)
    assert [reply.status for reply in found] == [200, 200, 500, 200]
    name = json.loads(found[2].body)["id"]
    assert f"error {name}" in capsys.readouterr().out


def test_where_the_count_does_not_match_each_gets_its_own_call_from_then_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    calls = Calls(lambda data: json.dumps([len(data)]))
    found = replies(calls, rows("0,0", "1,2", "3,44"), joins=True)
    assert [reply.body for reply in found] == [b"[3]", b"[3]", b"[4]"]
    assert capsys.readouterr().out.count("its own call") == 1


def test_rows_that_do_not_fit_are_refused_without_spoiling_the_others() -> None:
    found = replies(Calls(sums), rows("0,0", "1", "2,3"), joins=True)
    assert [reply.status for reply in found] == [200, 400, 200]


@pytest.mark.parametrize("joins", [False, True])
@pytest.mark.parametrize("problem", [ValueError, SystemExit, KeyboardInterrupt])
def test_nothing_user_code_raises_ends_the_thread(
    joins: bool, problem: type[BaseException], capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(data: str) -> str:
        if data == "9,9":
            raise problem("a fault")
        return "[0]"

    found = replies(Calls(answer), rows("9,9", "1,2"), joins=joins)
    assert [reply.status for reply in found] == [500, 200]
    assert "a fault" in capsys.readouterr().out
