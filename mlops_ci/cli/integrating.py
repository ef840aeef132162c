"""The verb about the CI system; each action is a module of its own."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from mlops_ci.cli.session import Session

_ACTIONS = {"batch": "ci_batching", "check": "ci_checking"}
"""The module of each action; its function is named by the action: `batch_action`."""


def ci_verb(session: Session) -> int:
    """Perform an action of `ci`."""
    action = session.arguments.action
    found: Callable[[Session], int] = getattr(import_module(f"mlops_ci.cli.{_ACTIONS[action]}"), f"{action}_action")
    return found(session)
