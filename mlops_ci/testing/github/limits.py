"""The primary rate limit: so many requests an hour and token, told in every answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from mlops_ci.testing.github.problems import Refused

HOUR = 3600.0


@dataclass(slots=True)
class Limits:
    """What each token has used of its hour."""

    most: int = 5000
    used: dict[str, int] = field(default_factory=dict)
    ends: dict[str, float] = field(default_factory=dict)

    def leave(self, token: str, remaining: int, *, until: float) -> None:
        """Have a token left with so many requests until a Unix time."""
        self.used[token], self.ends[token] = self.most - remaining, until

    def count(self, token: str, now: float) -> dict[str, str]:
        """Count a request, and return the headers that tell.

        Raises:
            Refused: there was none left.

        """
        if now >= self.ends.get(token, 0.0):
            self.used[token], self.ends[token] = 0, now + HOUR
        is_over = self.used[token] >= self.most
        self.used[token] += not is_over
        used = self.used[token]
        headers = {
            "x-ratelimit-limit": str(self.most),
            "x-ratelimit-remaining": str(self.most - used),
            "x-ratelimit-used": str(used),
            "x-ratelimit-reset": str(int(self.ends[token])),
            "x-ratelimit-resource": "core",
        }
        if is_over:
            raise Refused(403, "API rate limit exceeded for installation ID 1.", headers=headers)
        return headers
