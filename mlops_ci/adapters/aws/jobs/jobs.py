"""Jobs on SageMaker, of any kind, behind the `Jobs` port.

submit   the job is there already: adopt it. Else send what it needs → create it; `already exists` is adopting, too
status   the last description, or one asked for anew; what it says of an end is kept for good
collect  what it left on S3, into the artifact store; then what was made for it alone is deleted
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.jobs.kind import Kind
from mlops_ci.adapters.aws.jobs.logs import Logs, complaint
from mlops_ci.adapters.aws.jobs.looking import Looks
from mlops_ci.adapters.aws.jobs.statuses import Description, is_silent
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.faults import guarded
from mlops_ci.errors import ProviderError
from mlops_ci.model import Framework
from mlops_ci.model.address import Address
from mlops_ci.model.effects import plain
from mlops_ci.ports.jobs import Failed, FailureCause, Image, JobStatus, Output, Outputs, Running, Succeeded
from mlops_ci.ports.stores import ArtifactStore

_NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
_ABOUT = "about.json"
"""What whoever collects must know of a job, and SageMaker does not: another process may have submitted it."""

JobT = TypeVar("JobT")


def job_name(key: str, store: Address) -> str:
    """Return what SageMaker calls the job of a key: one account may hold the jobs of many stores.

    Raises:
        ProviderError: the key has characters that no name may have, or is too long.

    """
    name = f"{key}-{hashlib.sha256(str(store).encode()).hexdigest()[:8]}"
    if not _NAME.fullmatch(name):
        raise ProviderError(f"{key!r} is no key of a job in AWS", hint="at most 54 letters, digits and single `-`")
    return name


@dataclass(frozen=True, slots=True)
class SageMakerJobs(Generic[JobT]):
    """A `Jobs` port. `bucket` is at the account's address: what jobs leave is below `jobs/<name>/`.

    `named` gives a job's name by its key; jobs that SageMaker itself began have names of its own.
    """

    account: Account
    bucket: Bucket
    artifacts: ArtifactStore
    kind: Kind[JobT]
    read: Logs
    looks: Looks = field(default_factory=Looks)
    named: Callable[[str, Address], str] = job_name
    _ends: dict[str, JobStatus] = field(default_factory=dict, compare=False, repr=False)

    def submit(self, job: JobT, *, key: str) -> None:
        """Start the job, or adopt the one that has this key; also one that AWS began while the connection broke.

        Raises:
            InputsMoved: the code's bytes are no longer those of its digest; nothing was started.
            ProviderError: AWS refused, or what the job needs is missing. Where nothing answered, the job may have
                been started: its status is Running for a while then, and submitting it again adopts it.

        """
        name = self._name(key)
        if self._described(name) is not None or self.looks.is_made(name):
            return
        self._keep(name, self.kind.image(job))
        with self.looks.making(name):
            self.kind.create(job, name)

    def status(self, key: str) -> JobStatus | None:
        """Return what is known now, or was some seconds ago; None where no job has this key.

        A job that was made here a moment ago, and that AWS does not know yet, is running. One that ended well without
        its output failed.
        """
        return self._status(self._name(key))

    def collect(self, key: str) -> Outputs:
        """Return the outputs of a job that ended, having put them into the artifact store; repeatable.

        Of a job that did not succeed only the log is collected.

        Raises:
            ProviderError: there is no such job, it has not ended, or what it made cannot be kept.

        """
        name = self._name(key)
        ended, about = self._status(name), self._described(name)
        if ended is None or about is None or isinstance(ended, Running):
            how = "has not ended" if ended else "is not here"
            raise ProviderError(f"job `{key}` {how}, so it has no outputs yet", hint="`mlops-ci status`")
        text = "".join(f"{line}\n" for line in self._lines(name)).encode("utf-8", "replace")
        found = [Output("log", self.artifacts.put(text), len(text))]
        with guarded("collect outputs in", tempfile.gettempdir()), tempfile.TemporaryDirectory() as folder:
            for product, path in self.kind.products(about, Path(folder)) if isinstance(ended, Succeeded) else ():
                found.append(Output(product, self.artifacts.put(path), path.stat().st_size))
        self.kind.clear(name)
        return Outputs(tuple(found), self.kind.metrics(about), self._kept(name), self.kind.billed(about))

    def logs(self, key: str, *, start: int) -> Iterator[str]:
        """Return the log's lines that CloudWatch has now, from line `start` (negative: that many from the end)."""
        name = self._name(key)
        return iter(self._lines(name)[start:] if self._described(name) is not None else ())

    def stop(self, key: str) -> None:
        """Ask the job to end (SIGTERM, then SIGKILL after two minutes); does nothing where it has ended."""
        name = self._name(key)
        if name not in self._ends:
            self.kind.stop(name)
            self.looks.forget(name)

    def _name(self, key: str) -> str:
        return self.named(key, self.account.address)

    def _described(self, name: str) -> Description | None:
        return self.looks.look(name, lambda: self.kind.describe(name))

    def _status(self, name: str) -> JobStatus | None:
        if name in self._ends:
            return self._ends[name]
        about = self._described(name)
        if about is None:
            return Running() if self.looks.is_made(name) else None
        status = self.kind.status(about)
        if isinstance(status, Running):
            if self.kind.is_overdue(about):
                self.kind.stop(name)
            return status
        if isinstance(status, Succeeded) and (detail := self.kind.missing(about)):
            status = Failed(FailureCause.OUTPUT, detail, status.started_at, status.ended_at, status.seconds)
        if isinstance(status, Failed) and is_silent(status.detail) and (said := complaint(self._lines(name))):
            status = replace(status, detail=said)
        self._ends[name] = status
        return status

    def _lines(self, name: str) -> list[str]:
        return self.read.lines(self.kind.log_group, name)

    def _keep(self, name: str, image: Image | None) -> None:
        content = json.dumps({"image": plain(image)}).encode()
        digest = hashlib.sha256(content).hexdigest()
        self.bucket.put(f"jobs/{name}/{_ABOUT}", io.BytesIO(content), len(content), digest)

    def _kept(self, name: str) -> Image | None:
        content = self.bucket.get(f"jobs/{name}/{_ABOUT}")
        return _image(json.loads(content)["image"]) if content else None


def _image(data: dict[str, Any] | None) -> Image | None:
    if data is None:
        return None
    packages = tuple((name, version) for name, version in data["packages"])
    framework = Framework(**data["framework"]) if data["framework"] else None
    return Image(data["python"], packages, data["requirements"], data["reference"], framework)
