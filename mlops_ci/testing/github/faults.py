"""What goes wrong, as values: each happens to the next requests that it fits, and is used up by them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer is this status, before anything is done, or after it `is_done`."""

    status: int
    message: str = "as told"
    is_done: bool = False
    fits: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing happens: it lets a request pass, so that a later one meets the fault behind it."""

    fits: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Broken:
    """The connection breaks without an answer, after the server acted or, where it is not `is_done`, before."""

    is_done: bool = True
    fits: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Limited:
    """The secondary rate limit says no: after so many seconds, or without saying when (0)."""

    after: int = 0
    status: int = 403
    fits: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Deleted:
    """Somebody deletes the comment that a request is about, just before it is done."""

    fits: str = "PATCH"
    times: int = 1


@dataclass(frozen=True, slots=True)
class Behind:
    """A list is told without its last item, as from a copy of the data that is behind."""

    fits: str = "GET"
    times: int = 1


Fault = Answered | Nothing | Broken | Limited | Deleted | Behind
_NAMES: dict[str, type[Fault]] = {
    "nothing": Nothing, "answered": Answered, "broken": Broken,
    "limited": Limited, "deleted": Deleted, "behind": Behind,
}  # fmt: skip


def fault_of(said: dict[str, Any]) -> Fault:
    """Return the fault that a JSON object means: `{"fault": "broken", "fits": "POST"}`.

    Raises:
        ValueError: it means none.

    """
    kind = _NAMES.get(str(said.get("fault")))
    members = {name: value for name, value in said.items() if name != "fault"}
    if kind is None:
        raise ValueError(f"`fault` is one of {', '.join(_NAMES)}")
    if unknown := sorted(set(members) - {f.name for f in fields(kind)}):
        raise ValueError(f"`{unknown[0]}` is no member of `{said['fault']}`")
    return kind(**members)


@dataclass(slots=True)
class Faults:
    """The faults that are still to happen."""

    left: list[tuple[Fault, int]] = field(default_factory=list)

    def inject(self, *faults: Fault) -> None:
        """Have the next requests whose method and path (`POST /repos/o/r/pulls`) contain what it `fits` fail so."""
        self.left += [(fault, fault.times) for fault in faults]

    def clear(self) -> None:
        """Take back what did not happen yet."""
        self.left.clear()

    def of(self, said: str) -> Fault | None:
        """Return what happens to a request, and use it up."""
        for index, (fault, times) in enumerate(self.left):
            if fault.fits in said:
                if times > 1:
                    self.left[index] = (fault, times - 1)
                else:
                    del self.left[index]
                return fault
        return None
