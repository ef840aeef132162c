"""A check on a commit: a check run where the token may, and a commit status where only that is left."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mlops_ci.adapters.github.annotations import MOST, annotations_of
from mlops_ci.adapters.github.asking import Api, Unsure, settled
from mlops_ci.adapters.github.refusals import refused
from mlops_ci.errors import ProviderError
from mlops_ci.ports.reviews import LIMIT, Check, Conclusion

_RIGHT = "checks: write"
_OURS = "mlops-ci:"
_STATES = {Conclusion.SUCCESS: "success", Conclusion.NEUTRAL: "success", Conclusion.FAILURE: "failure"}
_LINE = 140
"""Characters of a status's description."""

Run = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Checks:
    """The checks of a repository's commits."""

    api: Api

    def check(self, check: Check) -> str:
        """Do as the port says.

        A run that is there is changed in place while it has no annotations: GitHub adds those of an update to what is
        there. So one that has some is replaced by a new run of the same name, of which GitHub shows the last.
        """
        every = annotations_of(check.diagnostics)
        content = _content(check)
        identity = _OURS + hashlib.sha256(json.dumps([content, every]).encode()).hexdigest()[:32]
        tried = 0
        while True:
            try:
                run = self._completed(check, content, every, identity)
            except Unsure as unsure:
                settled(self.api, unsure, tried)
                tried += 1
                continue
            return self._status(check) if run is None else str(run.get("html_url") or "")

    def _completed(self, check: Check, content: Run, every: list[Run], identity: str) -> Run | None:
        """Return the run as it is in the end; None where the token may make none."""
        run = self._found(check)
        asked = f"write the check `{check.name}`"
        if run is None or (run["external_id"] != identity and _count(run)):
            body = {**_output(content, every[:MOST]), "head_sha": check.commit, "external_id": identity}
            answer = self.api.answer("POST", self.api.path("/check-runs"), asked, body)
            if answer.status == 403:
                return None
            if answer.status >= 300:
                raise refused(answer, asked, _RIGHT)
            run, sent = answer.said, len(every[:MOST])
        elif run["external_id"] != identity:
            body = {**_output(content, every[:MOST]), "external_id": identity}
            run, sent = self._update(run, body, asked), len(every[:MOST])
        else:
            sent = _count(run)
        while sent < len(every):
            more = every[sent : sent + MOST]
            run = self._update(run, _output(content, more), asked)
            sent += len(more)
        return run

    def _update(self, run: Run, body: Run, asked: str) -> Run:
        path = self.api.path(f"/check-runs/{run['id']}")
        return dict(self.api.change("PATCH", path, body, asked, _RIGHT))

    def _found(self, check: Check) -> Run | None:
        """Return our last run of that name on the commit."""
        path = self.api.path(
            f"/commits/{quote(check.commit, safe='')}/check-runs?check_name={quote(check.name)}&per_page=100"
        )
        answer = self.api.answer("GET", path, f"read the checks of `{check.commit[:12]}`")
        if answer.status in {403, 404}:  # it may not read them: the attempt to write says what is missing
            return None
        if answer.status >= 300:
            raise refused(answer, f"read the checks of `{check.commit[:12]}`", "checks: read")
        runs = [run for run in answer.said["check_runs"] if str(run.get("external_id") or "").startswith(_OURS)]
        return max(runs, key=lambda run: int(run["id"]), default=None)

    def _status(self, check: Check) -> str:
        """Have a commit status: a token without `checks: write` may have `statuses: write`, as that of a person has."""
        asked = f"write the check `{check.name}`"
        title = check.title if len(check.title) <= _LINE else check.title[: _LINE - 3] + "..."
        body = {"state": _STATES[check.conclusion], "context": check.name, "description": title}
        path = self.api.path(f"/statuses/{quote(check.commit, safe='')}")
        answer = self.api.answer("POST", path, asked, body)
        if answer.status == 403:
            hint = f"add `{_RIGHT}` to the job's `permissions` (`statuses: write` is the least, and shows a line only)"
            summary = f"the token may not {asked}: it lacks `{_RIGHT}`"
            raise ProviderError(summary, hint=hint, detail=f"403: {answer.message}")
        if answer.status >= 300:
            raise refused(answer, asked, "statuses: write")
        return ""


def _content(check: Check) -> Run:
    summary = check.summary
    if len(summary) >= LIMIT:
        summary = summary[: LIMIT - 32] + "\n\n..."
    return {
        "name": check.name,
        "conclusion": check.conclusion.value,
        "output": {"title": check.title[:255], "summary": summary or check.title},
    }


def _output(content: Run, some: list[Run]) -> Run:
    """Return a completed run as it is sent; an update sends the texts again, which GitHub else takes away."""
    output = {**content["output"], **({"annotations": some} if some else {})}
    return {**content, "status": "completed", "output": output}


def _count(run: Run) -> int:
    return int((run.get("output") or {}).get("annotations_count") or 0)
