"""A commit that came since a plan was made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passed:
    """A commit between two others: its first line, and the paths it changed, relative to the project.

    `elsewhere` tells whether it also changed files outside of the project.
    """

    commit: str
    subject: str
    paths: tuple[str, ...]
    elsewhere: bool = False
