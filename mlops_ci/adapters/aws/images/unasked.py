"""Images for what does without an account: every one is there, and nobody is asked."""

from __future__ import annotations

from mlops_ci.ports.jobs import Image, Software


class UnaskedImages:
    """An `Images` port of a target in AWS for `validate`, which needs neither network nor credentials."""

    def resolve(self, asked: Software) -> Image:
        """Return what is asked for, as it is written."""
        return Image(requirements=asked.requirements, framework=asked.framework)

    def serving(self, asked: Software) -> str:
        """Return that what trains serves."""
        del asked
        return ""

    def tags(self, asked: Software) -> tuple[str, ...]:
        """Return none: none can move while nobody looks."""
        del asked
        return ()

    def digests(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Return that they lead nowhere."""
        return ("",) * len(tags)
