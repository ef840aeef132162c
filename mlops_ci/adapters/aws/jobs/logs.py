"""The log of a job in CloudWatch: one stream an instance, told as one."""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass, field
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.jobs.asking import found, told

_DATA_LOG = "/data-log"
_SAGEMAKER = "[sagemaker logs]"
_EXCEPTION = re.compile(r"\b[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt)\b: .*")


@dataclass(slots=True)
class _Stream:
    """What is known of a stream: its events as (time, line), and the token to go on with."""

    events: list[tuple[int, str]] = field(default_factory=list)
    token: str = ""


@dataclass(frozen=True, slots=True)
class Logs:
    """Reads logs, and remembers what it read: following one asks for what is new alone."""

    account: Account
    _known: dict[str, dict[str, _Stream]] = field(default_factory=dict, compare=False, repr=False)

    def lines(self, group: str, job: str) -> list[str]:
        """Return every line of a job's streams known now, in the order of their times.

        Where several instances wrote, a line begins with the name of its own: `algo-2: ...`. What SageMaker itself
        writes about a batch transform says so.
        """
        streams = self._known.setdefault(f"{group}/{job}", {})
        for name in self._names(group, f"{job}/"):
            self._read(group, name, streams.setdefault(name, _Stream()))
        containers = {name: stream for name, stream in streams.items() if not name.endswith(_DATA_LOG)}
        mark = _marked if len(containers) > 1 else _plain
        told = [[(at, mark(name, job, line)) for at, line in containers[name].events] for name in sorted(containers)]
        own = [stream.events for name, stream in sorted(streams.items()) if name.endswith(_DATA_LOG)]
        return [line for _, line in heapq.merge(*told, *own, key=lambda event: event[0])]

    def _names(self, group: str, prefix: str) -> list[str]:
        client, asked = self.account.clients.of("logs"), {"logGroupName": group, "logStreamNamePrefix": prefix}
        names: list[str] = []
        while True:
            page = self._asked("DescribeLogStreams", group, lambda: client.describe_log_streams(**asked))
            names += [stream["logStreamName"] for stream in (page or {}).get("logStreams", ())]
            if not (token := told(page, "nextToken")):
                return names
            asked["nextToken"] = token

    def _read(self, group: str, name: str, stream: _Stream) -> None:
        """Read what is new in a stream: at its end CloudWatch answers with the token that it was given."""
        client = self.account.clients.of("logs")
        while True:
            more = {"nextToken": stream.token} if stream.token else {}
            page = self._asked(
                "GetLogEvents",
                f"{group}:{name}",
                lambda more=more: client.get_log_events(
                    logGroupName=group, logStreamName=name, startFromHead=True, **more
                ),
            )
            for event in (page or {}).get("events", ()):
                stream.events += [(event["timestamp"], line) for line in _split(event["message"])]
            token = told(page, "nextForwardToken")
            if not token or token == stream.token:
                return
            stream.token = token

    def _asked(self, action: str, resource: str, call: Any) -> Any:  # noqa: ANN401 - botocore has no types
        return found(self.account, action, resource, call, service="logs")


def complaint(lines: list[str]) -> str:
    """Return what a container said last of what went wrong: its last exception, or else its last line.

    Servers write about requests after an exception, and SageMaker about the answer.
    """
    said = [line for line in reversed(lines) if line.strip() and _SAGEMAKER not in line]
    found = (_EXCEPTION.search(line) for line in said)
    return next((match[0].strip() for match in found if match), said[0].strip() if said else "")


def _marked(stream: str, job: str, line: str) -> str:
    """Return a line with the name of its instance, from `<job>/algo-1-1700000000`."""
    host = "-".join(stream.removeprefix(f"{job}/").split("/")[-1].split("-")[:2])
    return f"{host}: {line}"


def _plain(stream: str, job: str, line: str) -> str:
    del stream, job
    return line


def _split(message: str) -> list[str]:
    """Return the lines of an event; a progress bar that rewrites its line is one event with many."""
    return message.rstrip("\n").split("\n")
