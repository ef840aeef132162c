"""A registry in memory, and a person at its console."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from mlops_ci.errors import ProviderError
from mlops_ci.ports.registry import Decision, Entry, Registered


@dataclass
class SmallRegistry:
    """A `Registry` whose clock is `now`. `asked` counts calls; while `is_down`, everything is refused."""

    now: Callable[[], str]
    entries: dict[tuple[str, int, str], tuple[Entry, Registered]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_down: bool = False

    def standing(self, model: str, version: int, package: str) -> Registered | None:
        """Return what stands of a version."""
        self._ask("standing")
        found = self.entries.get((model, version, package))
        return found[1] if found else None

    def register(self, entry: Entry) -> Registered:
        """Register a version that is not there."""
        self._ask("register")
        made = Registered(f"{entry.model}/{entry.version}", Decision.PENDING)
        return self.entries.setdefault((entry.model, entry.version, entry.package.digest), (entry, made))[1]

    def approve(self, registered: Registered, why: str) -> None:
        """Say that a gate let the version through."""
        self._ask("approve")
        self._decide(registered.reference, Decision.APPROVED, "a gate", why, is_ours=True)

    def click(self, reference: str, decision: Decision, by: str, why: str = "") -> None:
        """Decide as a person does."""
        self._decide(reference, decision, by, why, is_ours=False)

    def decisions(self) -> dict[str, str]:
        """Return the decision of each version."""
        return {found.reference: found.decision.value for _, found in self.entries.values()}

    def _decide(self, reference: str, decision: Decision, by: str, why: str, *, is_ours: bool) -> None:
        key, (entry, found) = next((k, v) for k, v in self.entries.items() if v[1].reference == reference)
        at = self.now()
        self.entries[key] = (entry, replace(found, decision=decision, by=by, why=why, at=at, is_ours=is_ours))

    def _ask(self, what: str) -> None:
        if self.is_down:
            raise ProviderError("the registry is down", hint="wait")
        self.asked.append(what)
