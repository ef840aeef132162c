"""Lists of jobs: filtered, sorted and in pages, as the API has it; moto cuts the page first, and filters that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from mlops_ci.testing.aws.jobs.kinds import Kind
from mlops_ci.testing.aws.jobs.record import Record

PAGE = 10
"""Jobs on a page where nobody says."""


def listed(kind: Kind, records: Iterable[Record], asked: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a list call with these parameters, times in seconds since the epoch.

    Raises:
        ValueError: its `NextToken` is none of ours.

    """
    found = [record.described() for record in records]
    found = [job for job in found if all(fits(job) for fits in _filters(kind, asked))]
    by = {"Name": kind.name, "Status": kind.status}.get(asked.get("SortBy", ""), "CreationTime")
    # Of the same moment the one that was made later is later.
    found.sort(key=lambda job: job[by])
    if asked.get("SortOrder", kind.order) == "Descending":
        found.reverse()
    token = asked.get("NextToken") or "0"
    if not token.isdecimal() or int(token) > len(found):
        raise ValueError("Invalid NextToken")
    start = int(token)
    end = start + (asked.get("MaxResults") or PAGE)
    more = {"NextToken": str(end)} if end < len(found) else {}
    return {kind.summaries: found[start:end]} | more


def _filters(kind: Kind, asked: dict[str, Any]) -> Iterable[Callable[[dict[str, Any]], bool]]:
    for member in ("CreationTime", "LastModifiedTime"):
        if (after := asked.get(f"{member}After")) is not None:
            yield lambda job, member=member, after=after: _seconds(job[member]) > after  # type: ignore[misc]
        if (before := asked.get(f"{member}Before")) is not None:
            yield lambda job, member=member, before=before: _seconds(job[member]) < before  # type: ignore[misc]
    if part := asked.get("NameContains"):
        yield lambda job: part in job[kind.name]
    if status := asked.get("StatusEquals"):
        yield lambda job: bool(job[kind.status] == status)


def _seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=UTC).timestamp()
