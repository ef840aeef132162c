"""Test reports: the JUnit files that a buildspec names, read as CodeBuild reads them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from mlops_ci.testing.aws.builds.buildspec import Artifacts, Reports
from mlops_ci.testing.aws.builds.uploads import matching

_STATUS = {"failure": "FAILED", "error": "ERROR", "skipped": "SKIPPED"}


@dataclass(frozen=True, slots=True)
class Subject:
    """The build whose reports they are."""

    account: str
    region: str
    project: str
    arn: str


@dataclass(slots=True)
class TestReports:
    """Reports by ARN, each with its cases. A group of a buildspec is called `<project>-<group>`, as in CodeBuild."""

    __test__ = False  # its name is no test of pytest's

    reports: dict[str, dict[str, Any]] = field(default_factory=dict)
    cases: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, subject: Subject, asked: Sequence[Reports], source: Path) -> tuple[dict[str, Any], ...]:
        """Make a report of each group, and return them; one whose files are not there has none, and fails nothing."""
        return tuple(made for one in asked if (made := self._made(subject, one, source)) is not None)

    def _made(self, subject: Subject, asked: Reports, source: Path) -> dict[str, Any] | None:
        base = source / asked.base
        files = matching(Artifacts(asked.files), base) if base.is_dir() else ()
        if not files:
            return None
        name, number = f"{subject.project}-{asked.group}", str(uuid.uuid4())
        place = f"arn:aws:codebuild:{subject.region}:{subject.account}"
        arn = f"{place}:report/{name}:{number}"
        try:
            cases = [case for path in files for case in _cases(arn, path, base)]
        except ET.ParseError:
            cases = []
        counts = Counter({"SUCCEEDED": 0, "FAILED": 0, "ERROR": 0, "SKIPPED": 0, "UNKNOWN": 0})
        counts.update(case["status"] for case in cases)
        is_well = bool(cases) and not counts["FAILED"] and not counts["ERROR"]
        self.cases[arn] = cases
        self.reports[arn] = {
            "arn": arn,
            "type": "TEST",
            "name": name,
            "reportGroupArn": f"{place}:report-group/{name}",
            "executionId": subject.arn,
            "status": "SUCCEEDED" if is_well else "FAILED" if cases else "INCOMPLETE",
            "created": datetime.now(UTC).replace(tzinfo=None),
            "truncated": False,
            "testSummary": {
                "total": len(cases),
                "statusCounts": dict(counts),
                "durationInNanoSeconds": sum(case["durationInNanoSeconds"] for case in cases),
            },
        }
        return self.reports[arn]


def _cases(arn: str, path: Path, base: Path) -> Iterator[dict[str, Any]]:
    """Yield the cases of a file. Raises ParseError where it is no XML."""
    root = ET.parse(path).getroot()  # noqa: S314 - written by the build of this machine
    for suite in root.iter("testsuite"):
        for case in suite.iter("testcase"):
            ended = next((child for child in case if child.tag in _STATUS), None)
            yield {
                "reportArn": arn,
                "testRawDataPath": path.relative_to(base).as_posix(),
                "prefix": case.get("classname", ""),
                "name": case.get("name", ""),
                "testSuiteName": suite.get("name", ""),
                "status": _STATUS[ended.tag] if ended is not None else "SUCCEEDED",
                "message": "" if ended is None else ended.get("message", ""),
                "durationInNanoSeconds": round(float(case.get("time") or 0) * 1e9),
            }
