"""Local jobs of any kind: a folder a job, claimed by its name, run by a process that outlives us.

submit   stage a folder with all the job needs → rename it to JOBS/<key> (whoever comes second adopts)
         → start a runner; the runner that gets the folder's lock begins
status   exit.json, else whether the runner that began still runs
collect  the files the job was to make, into the artifact store
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from mlops_ci.adapters.archives import pack
from mlops_ci.adapters.faults import guarded
from mlops_ci.adapters.local.launching import work_spec
from mlops_ci.adapters.local.outcome import logged, status_of
from mlops_ci.adapters.local.staging import staged
from mlops_ci.adapters.local.work import Claim, Work, image_from
from mlops_ci.adapters.local.workshop import Workshop
from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import JobStatus, Output, Outputs, Running, Succeeded
from mlops_ci.runtime import jobfolder

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")

JobT = TypeVar("JobT")


@dataclass(frozen=True, slots=True)
class LocalJobs(Generic[JobT]):
    """A `Jobs` port. `prepare` fills a staged folder for a job and returns what to run there."""

    workshop: Workshop
    prepare: Callable[[JobT, Claim], Work]

    def submit(self, job: JobT, *, key: str) -> None:
        """Start the job, or adopt the one that has this key; also one whose runner never began.

        It waits for the job's environment where that has to be built first, and for nothing else.

        Raises:
            InputsMoved: the code's bytes are no longer those of its digest; nothing is left behind.
            ProviderError: its environment could not be built, an input is missing, or the disk said no.

        """
        folder = self._folder(key)
        if not folder.is_dir():
            with guarded("prepare a job in", folder), staged(self.workshop.root) as draft:
                work = self.prepare(job, Claim(key, draft, folder))
                (draft / jobfolder.TMP).mkdir()
                (draft / jobfolder.ML).mkdir(exist_ok=True)
                jobfolder.write_fleeting_json(draft / jobfolder.JOB, work_spec(work, self.workshop, folder))
                _claim(draft, folder)
        if not jobfolder.has_begun(folder):
            self.workshop.runners.begin(folder)

    def status(self, key: str) -> JobStatus | None:
        """Return what is known now; None where no job has this key, or none of its runners ever began."""
        return status_of(self._folder(key))

    def collect(self, key: str) -> Outputs:
        """Return the outputs of a job that ended, having put them into the artifact store; repeatable.

        Of a job that did not succeed only the log is collected.

        Raises:
            ProviderError: there is no such job, it has not ended, or what it made cannot be kept.

        """
        folder = self._folder(key)
        ended = status_of(folder)
        if ended is None or isinstance(ended, Running):
            how = "has not ended" if ended else "is not here"
            raise ProviderError(f"job `{key}` {how}, so it has no outputs yet", hint="`mlops-ci status`")
        spec = jobfolder.read_json(folder / jobfolder.JOB) or {"about": {"products": (), "image": None}}
        about = spec["about"]
        end = jobfolder.read_json(folder / jobfolder.EXIT) or {}
        with guarded("collect the outputs of", folder), staged(self.workshop.root) as draft:
            found = [self._kept("log", b"".join(logged(folder)))]
            for name, place, is_required in about["products"] if isinstance(ended, Succeeded) else ():
                path = folder / place
                if path.is_dir() and (is_required or any(path.iterdir())):
                    pack(path, draft / "archive")
                    found.append(self._kept(name, draft / "archive"))
                elif path.is_file():
                    found.append(self._kept(name, path))
        metrics = tuple((str(name), float(value)) for name, value in end.get("metrics", ()))
        return Outputs(tuple(found), metrics, image_from(about["image"]))

    def logs(self, key: str, *, start: int) -> Iterator[str]:
        """Return the log's lines known now, from line `start` (negative: that many from the end).

        A log too long to be kept has one line in its middle that says how much is missing.
        """
        lines = b"".join(logged(self._folder(key))).decode(errors="replace").split("\n")
        return iter((lines if lines[-1] else lines[:-1])[start:])

    def stop(self, key: str) -> None:
        """Ask the job to end (SIGTERM, then SIGKILL); does nothing where it has ended."""
        folder = self._folder(key)
        if folder.is_dir() and not (folder / jobfolder.EXIT).exists():
            with guarded("ask to stop", folder):
                (folder / jobfolder.STOP).touch()

    def _folder(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ProviderError(f"{key!r} is no key of a job", hint="letters, digits, `.`, `_` and `-`")
        return self.workshop.root.absolute() / key  # the runner works from another folder

    def _kept(self, name: str, source: Path | bytes) -> Output:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        return Output(name, self.workshop.artifacts.put(source), size)


def _claim(draft: Path, folder: Path) -> None:
    """Give a staged folder its name, unless somebody was faster: renaming onto a folder that holds something fails."""
    try:
        draft.rename(folder)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
