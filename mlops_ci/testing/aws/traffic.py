"""What was asked of a loopback, and what of it no AWS would have taken."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that the service's model forbids. `problems` are in AWS's words."""

    service: str
    operation: str
    problems: tuple[str, ...]


@dataclass(slots=True)
class Traffic:
    """The calls of clients, in the order in which they came; those of the loopback's own parts are not among them."""

    calls: list[tuple[str, str]] = field(default_factory=list)
    """Service as botocore names it, and operation: `("sagemaker", "CreateTrainingJob")`. Retries count."""
    refused: list[Refusal] = field(default_factory=list)
    """A test session that ends with none of these sent only requests that AWS would have taken."""

    def reset(self) -> None:
        """Forget the calls and the refusals so far."""
        self.calls.clear()
        self.refused.clear()
