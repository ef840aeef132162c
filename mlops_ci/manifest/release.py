"""`release.yaml`, read and written: the same release is always the same bytes."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.errors import ManifestError
from mlops_ci.manifest import yaml_tree
from mlops_ci.manifest.document import At, Document, listed
from mlops_ci.model import Champion, Hold, Release, Score, Standing

T = TypeVar("T")

HEADER = """\
# written by mlops-ci promote and deploy; do not edit
# yaml-language-server: $schema=../../schemas/release.schema.json
"""
_NAMED = ("candidate", "package", "fingerprint", "evaluation", "metric", "commit")
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def parse(content: bytes, *, path: str = "release.yaml") -> Release:
    """Return the release that a file's bytes say; `path` is told where something is wrong.

    Raises:
        ManifestError: somebody edited the file, and it is no release any more.

    """
    document, problems = yaml_tree.read(path, content)
    if document is None:
        raise ManifestError(problems)
    reader = _Reader(document)
    return Release(
        champion=reader.optional(("champion",), reader.champion),
        environments=tuple(reader.standings()),
        versions=tuple(reader.version(at) for at in reader.items(("versions",))),
        rolled_back=tuple(reader.text(at) for at in reader.items(("rolled_back",))),
    )


class _Reader:
    """Takes values out of a document by their way; what is not there or of another kind is told at its place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        if self.get((), "format", "champion", "environments", "versions", "rolled_back").get("format") != 1:
            raise self.wrong(("format",), "`format: 1`")

    def wrong(self, at: At, wanted: str) -> ManifestError:
        name, p = ".".join(str(part) for part in at) or self.document.path, self.document.path
        problem: Diagnostic = self.document.problem(
            "release-damaged",
            self.document.value(*at),
            f"`{name}` is not what a release has there",
            detail=f"expected {wanted}",
            hint=f"type `git checkout HEAD -- {p}`, or `git revert COMMIT` where it was committed (`git log -- {p}`)",
        )
        return ManifestError((problem,))

    def find(self, at: At) -> Any:  # noqa: ANN401 - JSON data
        found: Any = self.document.data
        for part in at:
            if isinstance(found, dict):
                found = found.get(part) if isinstance(part, str) else None
            else:
                found = found[part] if isinstance(found, list) and isinstance(part, int) else None
        return found

    def get(self, at: At, *keys: str) -> dict[str, Any]:
        """Return the mapping there, which has no other keys than these (none named: any)."""
        found = self.find(at)
        if not isinstance(found, dict):
            raise self.wrong(at, "a mapping")
        for key in found:
            if keys and key not in keys:
                raise self.wrong((*at, key), f"one of: {listed(keys)}")
        return found

    def items(self, at: At) -> Iterator[At]:
        found = self.find(at)
        if found is not None and not isinstance(found, list):
            raise self.wrong(at, "a list")
        yield from ((*at, index) for index in range(len(found or ())))

    def text(self, at: At) -> str:
        found = self.find(at)
        if not isinstance(found, str):
            raise self.wrong(at, "text")
        return found

    def number(self, at: At) -> int:
        found = self.find(at)
        if not isinstance(found, int) or isinstance(found, bool) or found < 1:
            raise self.wrong(at, "a whole number from 1")
        return found

    def value(self, at: At) -> float | None:
        found = self.find(at)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            raise self.wrong(at, "a number or null")
        return float(found)

    def optional(self, at: At, read: Callable[[At], T]) -> T | None:
        return None if self.find(at) is None else read(at)

    def version(self, at: At) -> tuple[int, str]:
        self.get(at, "version", "package")
        return self.number((*at, "version")), self.text((*at, "package"))

    def score(self, at: At) -> Score:
        self.get(at, "candidate", "fingerprint", "value")
        return Score(self.text((*at, "candidate")), self.text((*at, "fingerprint")), self.value((*at, "value")))

    def hold(self, at: At) -> Hold:
        self.get(at, "by", "why")
        return Hold(self.text((*at, "by")), self.text((*at, "why")))

    def champion(self, at: At) -> Champion:
        self.get(at, "version", *_NAMED, "contest")
        return Champion(
            version=self.number((*at, "version")),
            candidate=self.text((*at, "candidate")),
            package=self.text((*at, "package")),
            fingerprint=self.text((*at, "fingerprint")),
            evaluation=self.text((*at, "evaluation")),
            metric=self.text((*at, "metric")),
            commit=self.text((*at, "commit")),
            contest=tuple(self.score(item) for item in self.items((*at, "contest"))),
        )

    def standings(self) -> Iterator[Standing]:
        at: At = ("environments",)
        for name in self.get(at) if self.find(at) is not None else ():
            here = (*at, name)
            self.get(here, "version", "package", "held")
            held = self.optional((*here, "held"), self.hold)
            yield Standing(name, self.number((*here, "version")), self.text((*here, "package")), held)


def dump(release: Release) -> bytes:
    """Return a release as the bytes of its file: YAML in one fixed form, UTF-8, ending in a line end.

    Characters that no manifest may hold (control characters in the reason of a hold) are written as `?`.

    Raises:
        ValueError: a score is not finite; a candidate without a score has None.

    """
    return (HEADER + "\n".join(_lines(release)) + "\n").encode()


def _lines(release: Release) -> Iterator[str]:
    yield "format: 1"
    if release.champion:
        yield from _champion(release.champion)
    if release.environments:
        yield "environments:"
    for standing in release.environments:
        yield f"  {_text(standing.environment)}:"
        yield f"    version: {standing.version}"
        yield f"    package: {_text(standing.package)}"
        if standing.held:
            yield "    held:"
            yield f"      by: {_text(standing.held.by)}"
            yield f"      why: {_text(standing.held.why)}"
    if release.versions:
        yield "versions:"
    for version, package in release.versions:
        yield f"  - version: {version}"
        yield f"    package: {_text(package)}"
    if release.rolled_back:
        yield "rolled_back:"
    for package in release.rolled_back:
        yield f"  - {_text(package)}"


def _champion(champion: Champion) -> Iterator[str]:
    yield "champion:"
    yield f"  version: {champion.version}"
    for key in _NAMED:
        yield f"  {key}: {_text(getattr(champion, key))}"
    if champion.contest:
        yield "  contest:"
    for score in champion.contest:
        yield f"    - candidate: {_text(score.candidate)}"
        yield f"      fingerprint: {_text(score.fingerprint)}"
        yield f"      value: {_number(score.value)}"


def _number(value: float | None) -> str:
    if value is None:
        return "null"
    if not math.isfinite(value):
        raise ValueError(f"a release holds no score {value}")
    return repr(float(value))


def _text(text: str) -> str:
    """Return a text in double quotes, as JSON and YAML both read it."""
    quoted = json.dumps(_FORBIDDEN.sub("?", text), ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found.group()):04x}", quoted)
