"""Symbolic links are followed nowhere: what they lead to may lie outside, and may change without git's knowing."""

from __future__ import annotations

from collections.abc import Iterable

from mlops_ci.diagnostics import Diagnostic, Span

DETAIL = "links are not followed: git knows one by the name of its target, and not by the bytes there"


def covering(links: Iterable[str], path: str) -> str:
    """Return the link that a path is, or lies below; empty where there is none."""
    return next((link for link in links if path == link or path.startswith(f"{link}/")), "")


def linked(path: str, *, instead: str = "") -> Diagnostic:
    """Return the problem of a manifest (or the folder `instead` of it) that is a symbolic link."""
    what = instead or path
    hint = f"put the folder itself in the place of the link `{instead}`" if instead else "put the file itself there"
    return Diagnostic("symbolic-link", Span(what), f"`{what}` is a symbolic link", detail=DETAIL, hint=hint)
