"""Check runs and commit statuses."""

from __future__ import annotations

from typing import Any

from mlops_ci.testing.github.asked import Asked, Reply
from mlops_ci.testing.github.bodies import Member, checked
from mlops_ci.testing.github.problems import Refused, invalid, not_found
from mlops_ci.testing.github.state import CheckRun, user_of

_CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "stale", "timed_out")
_ANNOTATION = {
    "path": Member(str, is_required=True),
    "start_line": Member(int, is_required=True),
    "end_line": Member(int, is_required=True),
    "start_column": Member(int),
    "end_column": Member(int),
    "annotation_level": Member(str, is_required=True, words=("notice", "warning", "failure")),
    "message": Member(str, is_required=True, most=65_535),
    "title": Member(str, most=255),
    "raw_details": Member(str, most=65_535),
}
_OUTPUT = {
    "title": Member(str, is_required=True),
    "summary": Member(str, is_required=True, most=65_535),
    "text": Member(str, most=65_535),
    "annotations": Member(list, most=50, each=_ANNOTATION),
}
_UPDATE = {
    "name": Member(str),
    "details_url": Member(str),
    "external_id": Member(str),
    "started_at": Member(str),
    "completed_at": Member(str),
    "status": Member(str, words=("queued", "in_progress", "completed", "waiting", "requested", "pending")),
    "conclusion": Member(str, words=_CONCLUSIONS),
    "output": Member(dict, each=_OUTPUT),
}
_CREATE = {**_UPDATE, "name": Member(str, is_required=True), "head_sha": Member(str, is_required=True)}
_STATUS = {
    "state": Member(str, is_required=True, words=("error", "failure", "pending", "success")),
    "target_url": Member(str, is_nullable=True),
    "description": Member(str, is_nullable=True),
    "context": Member(str),
}


def created(asked: Asked) -> Reply:
    """Make a check run, which an App alone may."""
    if not asked.who.is_app:
        raise Refused(403, "You must authenticate via a GitHub App.")
    body = checked(asked.body, _CREATE)
    _check_commit(asked, body["head_sha"])
    _check_columns(body)
    run = CheckRun(asked.github.next_id(), asked.who.login, {}, asked.github.time())
    _take(asked, run, body)
    asked.repository.checks[run.id] = run
    return Reply(201, shown(asked, run))


def updated(asked: Asked) -> Reply:
    """Change a check run: what is sent replaces what was, but annotations are added to those that are there."""
    run = _run(asked)
    if asked.who.login != run.login:
        raise Refused(403, "Invalid app_id `1` - check run can only be modified by the GitHub App that created it.")
    body = checked(asked.body, _UPDATE)
    _check_columns(body)
    _take(asked, run, body)
    return Reply(200, shown(asked, run))


def read(asked: Asked) -> Reply:
    """Read a check run."""
    return Reply(200, shown(asked, _run(asked)))


def annotated(asked: Asked) -> Reply:
    """List a check run's annotations."""
    return asked.page(_run(asked).annotations)


def listed(asked: Asked) -> Reply:
    """List a commit's check runs, the last of each name first."""
    commit = asked.repository.bare.rev(asked.parts["ref"])
    if not commit:
        raise Refused(422, f"No commit found for SHA: {asked.parts['ref']}")
    name = asked.query.get("check_name")
    runs = [run for run in reversed(asked.repository.checks.values()) if run.sent["head_sha"] == commit]
    runs = [run for run in runs if name is None or run.sent["name"] == name]
    if asked.query.get("filter", "latest") == "latest":
        runs = list({(run.login, run.sent["name"]): run for run in reversed(runs)}.values())[::-1]
    page = asked.page(shown(asked, run) for run in runs)
    return Reply(200, {"total_count": len(runs), "check_runs": page.said}, page.headers)


def stated(asked: Asked) -> Reply:
    """Make a commit status; of a context, the last counts."""
    body = checked(asked.body, _STATUS)
    _check_commit(asked, asked.parts["ref"])
    if len(body.get("description") or "") > 140:
        error = {"resource": "Status", "code": "custom", "field": "description"}
        raise Refused(422, "Validation Failed", ({**error, "message": "description is too long"},))
    status = {
        "id": asked.github.next_id(), "sha": asked.parts["ref"], "context": "default", "description": None,
        "target_url": None, **body, "creator": user_of(asked.who.login), "created_at": asked.github.time(),
    }  # fmt: skip
    asked.repository.statuses.append(status)
    return Reply(201, status)


def statuses(asked: Asked) -> Reply:
    """List a commit's statuses, the last first."""
    commit = asked.repository.bare.rev(asked.parts["ref"])
    return asked.page(s for s in reversed(asked.repository.statuses) if s["sha"] == commit)


def shown(asked: Asked, run: CheckRun) -> dict[str, Any]:
    """Return a check run as the API tells it."""
    output = run.sent.get("output", {})
    page = f"{asked.github.web}/{asked.repository.name}/runs/{run.id}"
    below = f"{asked.github.url}/repos/{asked.repository.name}/check-runs/{run.id}"
    return {
        "id": run.id,
        "url": below,
        "html_url": page,
        "details_url": run.sent.get("details_url", page),
        "name": run.sent["name"],
        "head_sha": run.sent["head_sha"],
        "external_id": run.sent.get("external_id", ""),
        "status": run.sent.get("status", "queued"),
        "conclusion": run.sent.get("conclusion"),
        "started_at": run.started,
        "completed_at": run.completed,
        "output": {
            "title": output.get("title"),
            "summary": output.get("summary"),
            "text": output.get("text"),
            "annotations_count": len(run.annotations),
            "annotations_url": f"{below}/annotations",
        },
        "app": {"slug": run.login.removesuffix("[bot]")},
        "pull_requests": [],
    }


def _take(asked: Asked, run: CheckRun, body: dict[str, Any]) -> None:
    if body.get("status") == "completed" and "conclusion" not in body:
        raise invalid('"conclusion" wasn\'t supplied.')
    output = dict(body.get("output", {}))
    run.annotations += output.pop("annotations", [])
    run.sent.update({**body, **({"output": output} if "output" in body else {})})
    if "conclusion" in body:
        run.sent["status"] = "completed"
        run.completed = body.get("completed_at", asked.github.time())


def _run(asked: Asked) -> CheckRun:
    found = asked.repository.checks.get(int(asked.parts["id"]))
    if found is None:
        raise not_found()
    return found


def _check_commit(asked: Asked, commit: str) -> None:
    if len(commit) != 40 or asked.repository.bare.rev(commit) != commit:
        raise Refused(422, f"No commit found for SHA: {commit}")


def _check_columns(body: dict[str, Any]) -> None:
    """Refuse columns of annotations on several lines, and what ends before it begins."""
    for annotation in body.get("output", {}).get("annotations", ()):
        start, end = annotation["start_line"], annotation["end_line"]
        has_columns = "start_column" in annotation or "end_column" in annotation
        if start < 1 or end < start or (start != end and has_columns):
            raise invalid(f"Annotation at {annotation['path']}: lines and columns do not fit.")
        if annotation.get("end_column", 2**31) < annotation.get("start_column", 1):
            raise invalid(f"Annotation at {annotation['path']}: it ends before it begins.")
