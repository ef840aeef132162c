"""One build from its source to its end, in a thread of its own."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mlops_ci.testing.aws.buckets import Buckets
from mlops_ci.testing.aws.builds import sources, stand_ins, uploads
from mlops_ci.testing.aws.builds.buildspec import Buildspec, BuildspecError, Phase, buildspec_of
from mlops_ci.testing.aws.builds.order import Order
from mlops_ci.testing.aws.builds.report import Report
from mlops_ci.testing.aws.builds.shell import Ended, Shell
from mlops_ci.testing.aws.builds.tests import Subject, TestReports
from mlops_ci.testing.aws.builds.variables import VariableError, variables
from mlops_ci.testing.aws.logs import LogStream
from mlops_ci.testing.aws.loopback import Loopback


@dataclass(slots=True)
class Build:
    """A build while it runs. `deadline` is of a monotonic clock."""

    order: Order
    report: Report
    loopback: Loopback
    account: str
    region: str
    folder: Path
    log: LogStream
    deadline: float
    closing: threading.Event
    tests: TestReports

    def subject(self) -> Subject:
        """Return whose test reports are its."""
        shown = self.report.shown()
        return Subject(self.account, self.region, str(shown["projectName"]), str(shown["arn"]))

    def check(self) -> None:
        """Raise Ended where the build must not go on."""
        if self.report.stop_asked.is_set() or self.closing.is_set():
            raise Ended("STOPPED")
        if time.monotonic() > self.deadline:
            raise Ended("TIMED_OUT")

    def say(self, text: str) -> None:
        """Write a line as CodeBuild's agent does."""
        self.log.write([f"[Container] {datetime.now(UTC):%Y/%m/%d %H:%M:%S.%f} {text}"])


def run(build: Build) -> None:
    """Run a build to its end, whatever that is."""
    report = build.report
    try:
        status = _built(build)
    except Ended as ended:
        build.say(f"the build is {ended.status}")
        report.enter("FINALIZING", ended.status)
        status = ended.status
    except (sources.SourceError, BuildspecError, VariableError) as error:
        build.say(f"Phase complete: DOWNLOAD_SOURCE State: FAILED; {error}")
        report.enter("FINALIZING", "FAILED", str(error))
        status = "FAILED"
    except Exception as error:  # noqa: BLE001 - nobody waits for this thread: the build says what happened
        traceback.print_exc(file=sys.stderr)
        report.enter("FINALIZING", "FAULT", f"the loopback failed: {error!r}")
        status = "FAULT"
    report.complete(status)


def _built(build: Build) -> str:
    report, order = build.report, build.order
    report.enter("PROVISIONING")
    build.say(f"loopback: no container of `{order.image}` is started; the build runs on this machine, with its Python")
    build.say("loopback: `docker` is a stand-in, which pushes a digest of the build's context in the place of an image")
    report.enter("DOWNLOAD_SOURCE")
    source = build.folder / "src"
    source.mkdir()
    repositories = dict(build.loopback.settings.repositories)
    resolved = sources.fetch(order.source, order.version, source, Buckets(build.account), repositories)
    report.set(resolvedSourceVersion=resolved or None)
    spec = buildspec_of(_text(order, source))
    if spec.cached:
        build.say(f"loopback: the cache of {', '.join(spec.cached)} is noted, and not kept")
    shell = _shell(build, spec, source, resolved)
    try:
        return _phases(build, spec, shell, source)
    finally:
        shell.close()
        report.set(reportArns=[found["arn"] for found in build.tests.add(build.subject(), spec.reports, source)])


def _text(order: Order, source: Path) -> str:
    given = str(order.source.get("buildspec") or "buildspec.yml")
    if "\n" in given or given.lstrip().startswith("{"):
        return given
    path = source / given
    if not path.is_file():
        raise BuildspecError(f"YAML_FILE_ERROR: stat {path}: no such file or directory")
    return path.read_text()


def _shell(build: Build, spec: Buildspec, source: Path, resolved: str) -> Shell:
    order, loopback = build.order, build.loopback
    work = build.folder / "work"
    home = build.folder / "home"
    work.mkdir()
    home.mkdir()
    given = variables(spec, order.variables, loopback.url, build.region)
    environment = {
        **loopback.environment(),
        "AWS_REGION": build.region,
        "AWS_DEFAULT_REGION": build.region,
        **order.codebuild(build.report.shown()),
        "CODEBUILD_SRC_DIR": str(source),
        "CODEBUILD_RESOLVED_SOURCE_VERSION": resolved,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        **stand_ins.place(work),
        **given,
    }
    tell: Callable[[str], None] = lambda line: build.log.write([line])  # noqa: E731 - it is an argument
    return Shell(spec.shell, work, source, environment, tell=tell, check=build.check)


def _phases(build: Build, spec: Buildspec, shell: Shell, source: Path) -> str:
    """Run the phases, and return the build's status. The report is in FINALIZING then."""
    report = build.report
    status = "SUCCEEDED"
    report.enter(spec.phases[0].name.upper())
    following = [phase.name.upper() for phase in spec.phases[1:]] + ["UPLOAD_ARTIFACTS"]
    for phase, after in zip(spec.phases, following, strict=True):
        why = _commands(build, phase, shell)
        build.say(f"Phase complete: {phase.name.upper()} State: {'FAILED' if why else 'SUCCEEDED'}")
        build.say(f"Phase context status code: {'COMMAND_EXECUTION_ERROR' if why else ''} Message: {why}")
        if not why:
            report.enter(after)
            continue
        status = "FAILED"
        shell.set("CODEBUILD_BUILD_SUCCEEDING", "0")
        goes_on = phase.on_failure == "CONTINUE" or (
            phase.on_failure != "ABORT" and phase.name in {"build", "post_build"}
        )
        report.enter(after if goes_on else "FINALIZING", "FAILED", why)
        if not goes_on:
            return status
    report.set(exportedEnvironmentVariables=[{"name": one, "value": shell.value(one)} for one in spec.exported])
    return _uploaded(build, spec, source, status)


def _commands(build: Build, phase: Phase, shell: Shell) -> str:
    """Run a phase's commands, and return why it failed, empty where it did not."""
    for note in phase.notes:
        build.say(f"loopback: `{note}` changes nothing on this machine")
    why = _until_failure(build, phase.commands, shell)
    return _until_failure(build, phase.last, shell) or why


def _until_failure(build: Build, commands: tuple[str, ...], shell: Shell) -> str:
    for command in commands:
        build.check()
        build.say(f"Running command {command}")
        code = shell.run(command)
        if code:
            why = f"Error while executing command: {command.strip()}. Reason: exit status {code}"
            build.say(f"Command did not exit successfully {command} exit status {code}")
            return why
    return ""


def _uploaded(build: Build, spec: Buildspec, source: Path, status: str) -> str:
    report, project = build.report, build.order.artifacts
    if spec.artifacts is None or project.get("type") != "S3":
        report.enter("FINALIZING")
        return status
    number = str(report.shown()["id"]).partition(":")[2]
    try:
        made = uploads.upload(spec.artifacts, project, number, source, Buckets(build.account))
    except uploads.UploadError as error:
        build.say(f"Phase complete: UPLOAD_ARTIFACTS State: FAILED; {error}")
        report.enter("FINALIZING", "FAILED", str(error))
        return "FAILED"
    report.set(artifacts=made)
    build.say("Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED")
    report.enter("FINALIZING")
    return status
