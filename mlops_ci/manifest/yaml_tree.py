"""YAML with positions: JSON's values only, and every surprise of YAML is a located diagnostic.

Read by libyaml's parser where PyYAML has it. Plain scalars resolve as in YAML 1.2's core schema, so `no`, `on` and
dates are text; octal, hexadecimal and base-60 numbers are text, too. Anchors, aliases, tags, several documents and keys
that are no text are refused, so a file cannot grow while it is read. Nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from mlops_ci.diagnostics import Diagnostic, Span
from mlops_ci.manifest.document import At, Document, excerpt, lines
from mlops_ci.manifest.limits import MOST, more
from mlops_ci.manifest.scalars import BadNumber, resolve

MAX_BYTES = 1 << 20
MAX_DEPTH = 64

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# YAML 1.1 ends a line at these three, YAML 1.2 and every editor do not: nobody may mean either by accident.
_UNSEEN = re.compile("[\x85\u2028\u2029]|" + _CONTROL.pattern)
_HINT = "look at the brackets, quotes and indentation up to here"
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def read(path: str, content: bytes) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    """Return the document in a file's bytes, or None and every problem that was found."""
    text, problem = _decoded(path, content)
    if problem:
        return None, (problem,)
    reader = _Reader(path, text)
    data = reader.document()
    if reader.problems:
        return None, tuple(reader.problems)
    return Document(path, text, data, reader.keys, reader.values), ()


def _decoded(path: str, content: bytes) -> tuple[str, Diagnostic | None]:
    if len(content) > MAX_BYTES:
        return "", Diagnostic("yaml-size", Span(path), "the file is larger than 1 MiB", "a manifest is a small file")
    if content.startswith(_MARKS):
        return "", Diagnostic("yaml-encoding", Span(path), "the file is not UTF-8", hint="save it as UTF-8")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        span = _span_at(path, before, len(before))
        bad = f"byte 0x{content[error.start]:02x} is not UTF-8"
        return "", Diagnostic("yaml-encoding", span, bad, hint="save the file as UTF-8", excerpt=lines(before)[-1])
    if text.startswith("\ufeff"):
        hint = "save it as UTF-8 without a byte order mark"
        return "", Diagnostic("yaml-encoding", Span(path), "the file starts with a byte order mark", hint=hint)
    found = _UNSEEN.search(text)
    if found:
        span = _span_at(path, text, found.start())
        what = f"the character U+{ord(found.group()):04X} may not stand in a manifest"
        return "", Diagnostic("yaml-character", span, what, hint="delete it", excerpt=excerpt(text, span.line))
    return text, None


def _span_at(path: str, text: str, index: int) -> Span:
    before = lines(text[:index])
    return Span(path, len(before), len(before[-1]) + 1, len(before[-1]) + 2)


class _Stop(Exception):  # noqa: N818 - ends a reading whose problems are collected already
    """Reading on would tell nothing true."""


class _Reader:
    """Folds the events of one file into data and spans; problems are collected as they come."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.lines = lines(text)
        self.keys: dict[At, Span] = {}
        self.values: dict[At, Span] = {}
        self.problems: list[Diagnostic] = []
        self.events: Iterator[Any] = iter(())

    def document(self) -> Any:  # noqa: ANN401 - plain JSON data
        try:
            self.events = yaml.parse(self.text, Loader=_LOADER)
            return self._documents()
        except _Stop:
            return None
        except yaml.YAMLError as error:
            self._syntax(error)
            return None

    def _documents(self) -> Any:  # noqa: ANN401 - plain JSON data
        data: Any = None
        count = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                count += 1
                if count > 1:
                    hint = "put it into a file of its own"
                    self._problem("yaml-documents", self._span(event), "the file holds several documents", hint)
                    raise _Stop
                data = self._value(next(self.events), ())
        return data

    def _value(self, event: Any, at: At) -> Any:  # noqa: ANN401 - an event of PyYAML, plain JSON data
        span = self._span(event)
        self.values[at] = span
        if len(at) > MAX_DEPTH:
            self._problem("yaml-depth", span, f"values are nested more than {MAX_DEPTH} deep", "no key needs that")
            raise _Stop
        self._refuse_features(event, span)
        match event:
            case yaml.MappingStartEvent():
                return self._mapping(at)
            case yaml.SequenceStartEvent():
                return self._sequence(at)
            case yaml.ScalarEvent():
                return self._scalar(event, span)
            case _:
                return None

    def _mapping(self, at: At) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            span = self._span(event)
            self._refuse_features(event, span)
            if not isinstance(event, yaml.ScalarEvent):
                self._problem("yaml-key", span, "a key must be text", "write `key: value`")
                raise _Stop
            key = self._scalar(event, span)
            if not isinstance(key, str):
                hint = f'put it in quotes: `"{event.value}"`'
                self._problem("yaml-key", span, f"the key `{event.value}` is not text", hint)
                key = str(event.value)
            here = (*at, key)
            if key in found:
                first = self.keys[here]
                hint = "keep one of them"
                self._problem("duplicate-key", span, f"`{key}` was given on line {first.line} already", hint)
                here = (*at, f"{key} (again)")
                self._value(next(self.events), here)
                continue
            self.keys[here] = span
            found[key] = self._value(next(self.events), here)
        return found

    def _sequence(self, at: At) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*at, len(found))))
        return found

    def _scalar(self, event: Any, span: Span) -> Any:  # noqa: ANN401 - an event of PyYAML, a JSON scalar
        text: str = event.value
        found = _CONTROL.search(text)
        if found:
            what = f"the text holds the character U+{ord(found.group()):04X}"
            self._problem("yaml-character", span, what, "leave it out")
        if not event.implicit[0]:
            return text
        try:
            return resolve(text)
        except BadNumber as error:
            self._problem("yaml-number", span, str(error), error.hint)
            return 0

    def _refuse_features(self, event: Any, span: Span) -> None:  # noqa: ANN401 - an event of PyYAML
        if isinstance(event, yaml.AliasEvent):
            hint = "write the value out"
            self._problem("yaml-alias", span, f"`*{event.anchor}` stands for another value", hint)
            return
        if event.anchor is not None:
            self._problem("yaml-alias", span, f"the anchor `&{event.anchor}` has no meaning here", "delete it")
        if event.tag is not None:
            self._problem("yaml-tag", span, f"the tag `{event.tag}` has no meaning here", "delete it")

    def _span(self, event: Any) -> Span:  # noqa: ANN401 - an event of PyYAML
        start, end = event.start_mark, event.end_mark
        line = self.lines[start.line] if start.line < len(self.lines) else ""
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)) or end.line != start.line:
            stop = len(line.rstrip())
        else:
            stop = end.column
        return Span(self.path, start.line + 1, start.column + 1, max(stop, start.column + 1) + 1)

    def _problem(self, code: str, span: Span, summary: str, hint: str = "") -> None:
        shown = self.lines[span.line - 1] if 0 < span.line <= len(self.lines) else ""
        self.problems.append(Diagnostic(code, span, summary, hint=hint, excerpt=shown))
        if len(self.problems) == MOST:
            self.problems.append(more(self.path, self.problems[-1]))
            raise _Stop

    def _syntax(self, error: yaml.YAMLError) -> None:
        for at, line in enumerate(self.lines):
            if line.startswith("<<<<<<< "):
                span = Span(self.path, at + 1, 1, len(line) + 1)
                hint = f"resolve it, then type `git add {self.path}`"
                self._problem("merge-conflict", span, "the file holds an unresolved merge", hint)
                return
        marks = [m for m in (getattr(error, f"{part}_mark", None) for part in ("problem", "context")) if m is not None]
        mark = max(marks, key=lambda m: (m.line, m.column), default=None)
        parts = [getattr(error, part, None) for part in ("context", "problem", "reason")]
        what = f"this is not YAML: {': '.join(str(part) for part in parts if part) or 'it cannot be read'}"
        if mark is None:
            self._problem("yaml-syntax", Span(self.path), what, _HINT)
            return
        at = min(mark.line, len(self.lines) - 1)
        line = self.lines[at]
        column = min(mark.column, len(line)) + 1
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent:
            column = indent.index("\t") + 1
            span = Span(self.path, at + 1, column, column + 1)
            self._problem("yaml-tab", span, "a tab cannot indent a line", "use spaces")
            return
        hint = "put text that holds `: ` into quotes" if "mapping values" in what else _HINT
        self._problem("yaml-syntax", Span(self.path, at + 1, column, column + 1), what, hint)
