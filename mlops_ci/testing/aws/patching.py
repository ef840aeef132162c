"""Changes to moto's classes, taken back when the server ends."""

from __future__ import annotations

from typing import Any

_ABSENT = object()


class Patches:
    """What was put into classes, and what had been there."""

    def __init__(self) -> None:
        self._before: list[tuple[type, str, Any]] = []

    def put(self, owner: type, name: str, value: Any) -> Any:  # noqa: ANN401 - methods of any kind
        """Put an attribute into a class, and return what it has been until now: its own, inherited, or None."""
        self._before.append((owner, name, owner.__dict__.get(name, _ABSENT)))
        found = getattr(owner, name, None)
        setattr(owner, name, value)
        return found

    def undo(self) -> None:
        """Take all of it back, the last first."""
        while self._before:
            owner, name, value = self._before.pop()
            if value is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
