"""What a test of another process does to the loopback, over HTTP, below `/_mlops_ci/`: no part of GitHub's API."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_ci.testing.github import events
from mlops_ci.testing.github.asked import Reply
from mlops_ci.testing.github.faults import fault_of
from mlops_ci.testing.github.loopback import GitHub
from mlops_ci.testing.github.problems import Refused


def controlled(github: GitHub, method: str, path: str, body: bytes) -> Reply:
    """Return the answer to a request of a test's."""
    what = (method, path.removeprefix("/_mlops_ci/"))
    do = _WHAT.get(what)
    if do is None:
        return Reply(404, {"message": f"there is no `{method} {path}`; there is: {_every()}"})
    try:
        with github.lock:
            return Reply(200, do(github, json.loads(body) if body else {}))
    except (KeyError, TypeError, ValueError) as error:
        return Reply(422, {"message": f"{type(error).__name__}: {error}"})
    except Refused as refused:
        return Reply(refused.status, refused.said())


def _repository(github: GitHub, said: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    bare = Path(said["bare"]) if said.get("bare") else None
    is_private = bool(said.get("private", False))
    made = github.repository(said["name"], branch=said.get("branch", "main"), is_private=is_private, bare=bare)
    if "protected" in said:
        github.protect(made.name, *said["protected"])
    made.may_actions_propose = bool(said.get("may_actions_propose", made.may_actions_propose))
    return {"name": made.name, "path": str(made.path), "url": f"{github.web}/{made.name}.git"}


def _token(github: GitHub, said: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    login = {"login": said["login"]} if said.get("login") else {}
    return {"token": github.token(said["repository"], **login, **said.get("permissions", {}))}


def _approval(github: GitHub, said: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    environments = said.get("environments", ())
    state = said.get("state", "approved")
    github.approve(said["repository"], str(said["run"]), said.get("login", ""), *environments, state=state)
    return github.find(said["repository"]).approvals[str(said["run"])]


def _faults(github: GitHub, said: Any) -> Any:  # noqa: ANN401 - JSON
    github.faults.inject(*(fault_of(fault) for fault in said))
    return {"left": len(github.faults.left)}


def _no_faults(github: GitHub, _: object) -> Any:  # noqa: ANN401 - JSON
    github.faults.clear()
    return {"left": 0}


def _calls(github: GitHub, _: object) -> Any:  # noqa: ANN401 - JSON
    return {"calls": github.traffic.calls, "refused": github.traffic.refused}


def _event(github: GitHub, said: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    name = said.get("repository", "octo/models")
    match said["event"]:
        case "pull_request":
            return events.pull_request(github, name, said["number"], said.get("action", "synchronize"))
        case "push":
            return events.push(github, name, said["branch"], before=said.get("before", events.ZERO))
        case "workflow_run":
            run, workflow = said.get("run", 1), said.get("workflow", "")
            return events.workflow_run(github, name, said["number"], run=run, workflow=workflow)
    raise ValueError(f"`event` is pull_request, push or workflow_run, not {said['event']!r}")


def _no_calls(github: GitHub, _: object) -> Any:  # noqa: ANN401 - JSON
    github.traffic.reset()
    return {"calls": [], "refused": []}


_WHAT: dict[tuple[str, str], Callable[[GitHub, Any], Any]] = {
    ("POST", "repositories"): _repository,
    ("POST", "tokens"): _token,
    ("POST", "approvals"): _approval,
    ("POST", "events"): _event,
    ("POST", "faults"): _faults,
    ("DELETE", "faults"): _no_faults,
    ("GET", "calls"): _calls,
    ("DELETE", "calls"): _no_calls,
}


def _every() -> str:
    return ", ".join(f"{method} /_mlops_ci/{path}" for method, path in _WHAT)
