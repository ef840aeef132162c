"""The event that started a workflow of GitHub Actions, as far as a comment needs it. GitHub writes the file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_ci.errors import ProviderError

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Event:
    """`commit` is the head of what the event is about, `branch` its branch, `home` the repository that this is in.

    `labels` are those of a pull request.

    All are empty where the event says nothing of the kind. `is_later` claims that it is about a workflow that ended
    before: what that left is all that there is.
    """

    commit: str = ""
    branch: str = ""
    labels: tuple[str, ...] = ()
    home: str = ""
    is_later: bool = False


def event_of(environment: Mapping[str, str]) -> Event:
    """Return the event that the environment names; an empty one where it names none.

    Raises:
        ProviderError: its file cannot be read.

    """
    path = environment.get("GITHUB_EVENT_PATH", "")
    if not path:
        return Event()
    try:
        data = json.loads(Path(path).read_bytes())
    except (OSError, ValueError) as error:
        raise ProviderError(f"cannot read the event in `{path}`", hint="unset GITHUB_EVENT_PATH") from error
    later, request = _object(data, "workflow_run"), _object(data, "pull_request")
    if environment.get("GITHUB_EVENT_NAME") == "workflow_run":
        home = str(_object(later, "head_repository").get("full_name") or "")
        return Event(_commit(later.get("head_sha")), str(later.get("head_branch") or ""), home=home, is_later=True)
    head = _object(request, "head")
    given = request.get("labels")
    labels = tuple(str(_name(label)) for label in given) if isinstance(given, list) else ()
    return Event(_commit(head.get("sha")), str(head.get("ref") or ""), labels)


def _object(data: Any, key: str) -> dict[str, Any]:  # noqa: ANN401 - JSON data
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _name(label: Any) -> str:  # noqa: ANN401 - JSON data
    return str(label.get("name") or "") if isinstance(label, dict) else ""


def _commit(said: Any) -> str:  # noqa: ANN401 - JSON data
    return said if isinstance(said, str) and _COMMIT.fullmatch(said) else ""
