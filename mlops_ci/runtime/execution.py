"""One job from its first process to `exit.json`.

What `job.json` asks for, every path as the job sees it:

    command, cwd      what is executed, and where
    contract          variables whose values may be paths below /opt/ml
    environment       the rest of the environment; nothing else of ours is handed on
    own_opt_ml        whether to try for a true /opt/ml; without one, /opt/ml in command, cwd and contract
                      becomes the job folder's `ml`
    max_runtime, stop_grace     seconds
    metrics           [name, regular expression] pairs
    must_make         files, or folders with something in them, below the job's folder; without one the job failed
    greeting          first line of the log
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from mlops_ci.runtime import jobfolder
from mlops_ci.runtime.bounded import BoundedLog, last_line
from mlops_ci.runtime.namespace import enter
from mlops_ci.runtime.processes import adopt_orphans, die_with_parent
from mlops_ci.runtime.scraping import Scraper
from mlops_ci.runtime.watching import Ending, watch

_LONGEST_DETAIL = 1024
_OPT_ML = "/opt/ml"
_PLACE = re.compile(r"(^|=)/opt/ml(?=/|$)")
"""Where a word or a value names it: alone, or as in `--train=/opt/ml/processing/train`."""


def execute(folder: Path) -> None:
    """Run the job of a folder and write how it ended. Nothing of the job runs any more when this returns."""
    spec = jobfolder.read_json(folder / jobfolder.JOB) or {}
    log = BoundedLog(folder)
    scraper = Scraper((name, regex) for name, regex in spec["metrics"])
    reason = enter(folder / jobfolder.ML) if spec["own_opt_ml"] else "not asked for"
    notes = [
        spec["greeting"],
        *([f"no /opt/ml of its own ({reason}): folders are named by SM_* variables"] * bool(reason)),
    ]
    for note in (*notes, *scraper.problems):
        log.write(f"mlops-ci: {note}\n".encode())
    seen = len(scraper.problems)
    began = time.time()
    try:
        process = _started(spec, root=str(folder / jobfolder.ML) if reason else _OPT_ML)
    except (OSError, subprocess.SubprocessError) as error:
        answer = _answer("failed", "environment", f"the job could not be started: {error}")
        ending = Ending(code=127, reason="", seconds=0.0, peak=0)
    else:
        ending = watch(process, folder, log, scraper, max_runtime=spec["max_runtime"], grace=spec["stop_grace"])
        metrics = scraper.metrics()
        for note in scraper.problems[seen:]:
            log.write(f"mlops-ci: {note}\n".encode())
        answer = {**_judged(folder, spec, ending), "metrics": metrics}
    log.close()
    shutil.rmtree(folder / jobfolder.TMP, ignore_errors=True)
    times = {"started_at": jobfolder.moment(began), "ended_at": jobfolder.moment(began + ending.seconds)}
    measured = {"code": ending.code, "seconds": round(ending.seconds, 3), "peak_bytes": ending.peak}
    jobfolder.write_json(folder / jobfolder.EXIT, answer | times | measured | {"own_opt_ml": not reason})


def _started(spec: dict[str, Any], *, root: str) -> subprocess.Popen[bytes]:
    def placed(text: str) -> str:
        return _PLACE.sub(lambda found: found[1] + root, text)

    contract = {name: placed(value) for name, value in spec["contract"].items()}
    adopt_orphans()
    return subprocess.Popen(
        [placed(word) for word in spec["command"]],
        cwd=placed(spec["cwd"]),
        env={**contract, **spec["environment"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        bufsize=0,
        start_new_session=True,
        preexec_fn=die_with_parent,  # noqa: PLW1509 - the runner has one thread
    )


def _judged(folder: Path, spec: dict[str, Any], ending: Ending) -> dict[str, Any]:
    """Return outcome, cause and detail of a job that ran."""
    peak = f"peak memory {ending.peak / 2**20:.0f} MiB"
    if ending.reason == "stop":
        return _answer("stopped", "", "stopped on request")
    if ending.reason == "max_runtime":
        return _answer("failed", "max_runtime", f"still ran after {spec['max_runtime']} s, so it was ended; {peak}")
    if ending.code == -signal.SIGKILL:
        detail = f"killed by the system (SIGKILL), as it does when memory runs out; {peak}"
        return _answer("failed", "out_of_memory", detail)
    if ending.code:
        how = f"exit code {ending.code}" if ending.code > 0 else f"killed by {signal.Signals(-ending.code).name}"
        said = _own_words(folder) or last_line(folder)
        return _answer("failed", "exit", f"{said} ({how})" if said else how)
    missing = [name for name in spec["must_make"] if not _is_made(folder / name)]
    if missing:
        names = ", ".join(f"`{_seen(name)}`" for name in missing)
        return _answer("failed", "output", f"the job exited with 0 but left nothing in {names}")
    return _answer("succeeded", "", "")


def _answer(outcome: str, cause: str, detail: str) -> dict[str, Any]:
    return {"outcome": outcome, "cause": cause, "detail": " ".join(detail.split()), "metrics": []}


def _own_words(folder: Path) -> str:
    """Return the first characters of what the job wrote about its failure, as SageMaker shows them."""
    try:
        with (folder / jobfolder.ML / "output" / "failure").open("rb") as stream:
            return stream.read(4 * _LONGEST_DETAIL).decode(errors="replace")[:_LONGEST_DETAIL].strip()
    except OSError:
        return ""


def _is_made(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.is_file()


def _seen(name: str) -> str:
    """Return a path as the job sees it."""
    inside = name.removeprefix(f"{jobfolder.ML}/")
    return name if inside == name else os.path.join(_OPT_ML, inside)  # noqa: PTH118 - text, not a path of ours
