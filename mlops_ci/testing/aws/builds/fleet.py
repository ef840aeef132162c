"""The builds of a server: started, found again, stopped, and ended with it."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from typing import Any

from mlops_ci.testing.aws.builds.events import emit
from mlops_ci.testing.aws.builds.order import Order
from mlops_ci.testing.aws.builds.report import Report
from mlops_ci.testing.aws.builds.running import Build, run
from mlops_ci.testing.aws.builds.tests import TestReports
from mlops_ci.testing.aws.logs import LogStream
from mlops_ci.testing.aws.loopback import Loopback


class Fleet:
    """Builds by id."""

    def __init__(self, loopback: Loopback) -> None:
        self._loopback = loopback
        self._closing = threading.Event()
        self._reports: dict[str, Report] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._numbers: Counter[str] = Counter()
        self._threads: list[threading.Thread] = []
        self.tests = TestReports()

    def start(self, order: Order, account: str, region: str, token: str = "") -> Report:
        """Return the report of a build that runs from now on; of the same one where the token was there before."""
        if token and (known := self._tokens.get((order.project, token))) is not None:
            return self._reports[known]
        number = str(uuid.uuid4())
        name = f"{order.project}:{number}"
        self._tokens[order.project, token] = name
        self._numbers[order.project] += 1
        group = str(order.logs.get("groupName") or f"/aws/codebuild/{order.project}")
        before = order.logs.get("streamName")
        stream = f"{before}/{number}" if before else number
        state = order.shown() | {
            "id": name,
            "arn": f"arn:aws:codebuild:{region}:{account}:build/{name}",
            "buildNumber": self._numbers[order.project],
            "encryptionKey": f"arn:aws:kms:{region}:{account}:alias/aws/s3",
            "logs": _logs(account, region, group, stream),
        }
        report = Report(state, lambda build, phase: emit(account, region, build, phase))
        self._reports[name] = report
        folder = self._loopback.root / "builds" / number
        folder.mkdir(parents=True)
        seconds = order.minutes * 60 / self._loopback.settings.speed
        log = LogStream(account, region, group, stream)
        build = Build(
            order, report, self._loopback, account, region, folder, log, time.monotonic() + seconds, self._closing,
            self.tests,
        )  # fmt: skip
        thread = threading.Thread(target=run, args=(build,), name=f"build {name}", daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        report.began()
        thread.start()
        return report

    def report(self, name: str) -> Report | None:
        """Return a build by its id or its ARN, None for one that was not started here."""
        return self._reports.get(name.partition(":build/")[2] or name)

    def end(self) -> None:
        """End every build, and wait until nothing of any runs."""
        self._closing.set()
        for thread in self._threads:
            thread.join(30)


def _logs(account: str, region: str, group: str, stream: str) -> dict[str, Any]:
    return {
        "groupName": group,
        "streamName": stream,
        "deepLink": f"https://console.aws.amazon.com/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{group}",
        "cloudWatchLogsArn": f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{stream}",
        "cloudWatchLogs": {"status": "ENABLED"},
        "s3Logs": {"status": "DISABLED"},
    }
