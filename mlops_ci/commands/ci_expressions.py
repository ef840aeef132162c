"""The inputs of a reusable workflow, written out: a file that is started by events has nobody who hands it any.

A fact (the branch, the folder) becomes its value. Any other input becomes a variable of the repository with the input's
default behind it (`vars.MLOPS_CI_RUNNER || 'ubuntu-latest'`), so that a setting needs no edit of a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

import yaml

_EXPRESSION = re.compile(r"\$\{\{((?:'(?:[^']|'')*'|[^'])*?)\}\}", re.DOTALL)
_PIECE = re.compile(r"'(?:[^']|'')*'|(?<![\w.-])inputs\.([A-Za-z_][\w-]*)")
PREFIX = "MLOPS_CI_"


@dataclass(frozen=True, slots=True)
class Fact:
    """An input whose value is known where the file is written."""

    value: str


@dataclass(frozen=True, slots=True)
class Setting:
    """An input that a variable of the repository sets; `kind` is `string`, `boolean` or `number`."""

    name: str
    kind: str
    default: str


@dataclass(frozen=True, slots=True)
class Asked:
    """An input that somebody is asked for who starts the workflow by hand."""

    name: str


Input = Fact | Setting | Asked


def variable(name: str) -> str:
    """Return the name of the repository's variable that sets an input."""
    return PREFIX + name.upper().replace("-", "_").removeprefix(PREFIX)


def written_out(text: str, inputs: Mapping[str, Input]) -> str:
    """Return the text of a workflow in which no input is left but those that are asked for.

    Raises:
        KeyError: it uses an input that is not among these.

    """
    for node in reversed(list(_scalars(yaml.compose(text, Loader=yaml.BaseLoader)))):  # from the end: marks stay true
        bare = node.condition and "${{" not in node.scalar.value
        value = node.scalar.value
        if bare and "inputs." in value:
            new = "${{ " + _pieces(value.strip(), inputs) + " }}"
        elif whole := re.fullmatch(r"\$\{\{\s*inputs\.([A-Za-z_][\w-]*)\s*\}\}", value):
            new = _alone(inputs[whole[1]])
        else:
            new = _EXPRESSION.sub(lambda found: "${{" + _pieces(found[1], inputs) + "}}", value)
        if new != value:
            text = text[: node.start] + _source(node, text, new) + text[node.end :]
    return text


@dataclass(frozen=True, slots=True)
class _Scalar:
    scalar: yaml.ScalarNode
    start: int
    end: int
    condition: bool


def _scalars(node: yaml.Node | None, *, condition: bool = False) -> Iterator[_Scalar]:
    match node:
        case yaml.ScalarNode():
            yield _Scalar(node, node.start_mark.index, node.end_mark.index, condition)
        case yaml.SequenceNode():
            for item in node.value:
                yield from _scalars(item)
        case yaml.MappingNode():
            for key, value in node.value:
                yield from _scalars(key)
                yield from _scalars(value, condition=key.value == "if")


def _pieces(expression: str, inputs: Mapping[str, Input]) -> str:
    """Return an expression with its inputs written out; what stands between quotes stays."""
    said = _PIECE.sub(lambda found: _inside(inputs[found[1]]) if found[1] else found[0], expression)
    return re.sub(r"\((\(vars\.[^()]*\))\)", r"\1", said)


def _inside(given: Input) -> str:
    match given:
        case Fact(value):
            return _literal(value)
        case Setting(name, "boolean", default):
            return f"(vars.{variable(name)} {'!=' if default == 'true' else '=='} '{str(default != 'true').lower()}')"
        case Setting(name, "number", default):
            return f"fromJSON(vars.{variable(name)} || '{default or 0}')"
        case Setting(name, _, default):
            return f"(vars.{variable(name)} || {_literal(default)})" if default else f"vars.{variable(name)}"
        case Asked(name):
            return f"inputs.{name}"
    assert_never(given)


def _alone(given: Input) -> str:
    """Return what stands in the place of a whole value."""
    match given:
        case Fact(value):
            return value
        case _:
            inside = _inside(given)
            return "${{ " + (inside[1:-1] if inside.startswith("(") else inside) + " }}"


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _source(node: _Scalar, text: str, new: str) -> str:
    """Return a scalar's new text in YAML, in the style of the old where that can hold it."""
    if node.scalar.style in {"|", ">"}:
        head, _, body = text[node.start : node.end].partition("\n")
        indent = " " * (len(body) - len(body.lstrip(" ")))
        lines = (f"{indent}{line}" if line else "" for line in new.splitlines())
        return "\n".join([head, *lines]) + body[len(body.rstrip("\n")) :]
    return quoted(new) if node.scalar.style else plain(new)


def plain(value: str) -> str:
    """Return a text as YAML, without quotes where it reads back the same."""
    try:
        is_same = "\n" not in value and yaml.safe_load(f"- {value}\n") == [value]
    except yaml.YAMLError:
        is_same = False
    return value if is_same else quoted(value)


def quoted(value: str) -> str:
    """Return a text as YAML between double quotes, in ASCII."""
    return json.dumps(value)
