"""How long GitHub wants to be left alone: rate limits, and faults that pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mlops_ci.adapters.github.wire import Answer
from mlops_ci.errors import TryAgain

LONGEST = 60.0
"""Seconds that one command waits for GitHub, in sum."""
PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between tries where something broke; the fifth failure is the last."""
PASSING = frozenset({500, 502, 503, 504})
"""Answers after which nobody knows whether it was done, and that pass when one waits."""
_SECONDARY = 60.0
"""https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api: at least a minute."""


def asked_to_wait(answer: Answer, now: float) -> float | None:
    """Return the seconds to wait, by what a refusal says; None where it is no matter of time. `now` is Unix time."""
    if answer.status not in {403, 429}:
        return None
    if (after := _number(answer.headers.get("retry-after", ""))) is not None:
        return max(1.0, after)
    if answer.headers.get("x-ratelimit-remaining") == "0":
        reset = _number(answer.headers.get("x-ratelimit-reset", ""))
        # A second more than is asked for, since clocks differ; a time long past is a wrong clock and not a right.
        return _SECONDARY if reset is None else max(1.0, reset - now + 1.0)
    if answer.status == 429 or "secondary rate limit" in answer.message.lower():
        return _SECONDARY
    return None


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() else None


@dataclass(slots=True)
class Patience:
    """What is left of the time that a command waits. `now` is Unix time in seconds; `sleep` takes seconds."""

    now: Callable[[], float]
    sleep: Callable[[float], None]
    left: float = LONGEST

    def wait(self, seconds: float, why: str) -> None:
        """Wait.

        Raises:
            TryAgain: it would take longer than is left; `why` is what GitHub said.

        """
        if seconds > self.left:
            minutes = max(1, round(seconds / 60))
            summary = f"GitHub asks to come back in {minutes} minute{'s' if minutes != 1 else ''}: {why}"
            raise TryAgain(summary, hint="wait as long, then type the command again: it goes on where it stopped")
        self.left -= seconds
        self.sleep(seconds)
