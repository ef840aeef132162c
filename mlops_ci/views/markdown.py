"""GitHub's Markdown, in which no name or value becomes markup, a mention or a link to an issue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mlops_ci.views.terminal import clean

_SPAN = re.compile(r"`([^`]+)`")
_CALL = (
    r"(?P<call>@(?=\w)|\#(?=\w)|gh(?=-\d)"  # somebody is called, an issue is linked
    r"|:(?=//)|www(?=\.)"  # an address
    r"|:(?=(?:[\w+-]*[a-z+-][\w+-]*|100|1234):))"  # a picture of a face
)
_SPECIAL = re.compile(
    rf"""{_CALL} | (?P<sum> \$ )                     # mathematics
      | (?P<mark> [\\`*\[\]~] | (?<!\w)_ | _(?!\w) )  # markup; a `_` inside a word is none
      | [&<|] | ^[>\#+=-]                          # HTML, the border of a cell, a quote, a heading, a list
      | (?: (?<=^\d) | (?<=^\d\d) ) [.)] (?=\s|$)      # a list with numbers""",
    re.VERBOSE | re.IGNORECASE,
)
_HTML = re.compile(rf"""{_CALL}|[&<>"'$]""", re.IGNORECASE)


def text(value: str) -> str:
    """Return text in one line that reads exactly so, in a paragraph as in a table."""
    shown = clean(value)
    rest = shown.lstrip(" ")
    return "&#32;" * (len(shown) - len(rest)) + _inline(rest)


def _inline(shown: str) -> str:
    return _SPECIAL.sub(_plain, shown)


def _plain(found: re.Match[str]) -> str:
    char = found[0]
    match found.lastgroup:
        case "call":
            return f"{char}<!-- -->"  # GitHub looks for names, issues and addresses after entities are decoded
        case "mark":
            return f"\\{char}"
        case "sum":
            return "<span>$</span>"  # the way that GitHub's pages name
        case _:
            return f"&#{ord(char)};"


def html(sentence: str) -> str:
    """Return one of our own sentences for a line of HTML, in which no Markdown is read; backticks mean code."""
    parts = _SPAN.split(clean(sentence))
    return "".join(f"<code>{_entities(part)}</code>" if at % 2 else _entities(part) for at, part in enumerate(parts))


def _entities(value: str) -> str:
    return _HTML.sub(lambda found: found[0] + "<!-- -->" if found.lastgroup else f"&#{ord(found[0])};", value)


def code(value: str) -> str:
    """Return text as a code span, in a paragraph as in a table; an empty text stays empty."""
    if not value:
        return ""
    shown = clean(value)
    if "|" in shown:  # in a table a backslash before it belongs to the table, elsewhere to the code
        return f"<code>{text(shown)}</code>"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") or shown.isspace() else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(sentence: str) -> str:
    """Return one of our own sentences: what is between two backticks becomes code, the rest reads exactly so."""
    parts = _SPAN.split(clean(sentence))
    return text(parts[0]) + "".join(code(part) if at % 2 else _inline(part) for at, part in enumerate(parts[1:], 1))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset()) -> list[str]:
    """Return the lines of a table; cells are Markdown already, columns in `right` are set to the right."""
    rule = ("---:" if at in right else "---" for at in range(len(header)))
    return [_row(header), _row(tuple(rule)), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def folded(summary: str, body: Sequence[str]) -> list[str]:
    """Return lines that are folded behind a summary, which is one of our own sentences."""
    return ["<details>", f"<summary>{html(summary)}</summary>", "", *body, "", "</details>"]


def lean(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: frozenset[int] = frozenset()) -> list[str]:
    """Return the lines of a table without the columns that are empty in every row."""
    found = [tuple(row) for row in rows]
    shown = [at for at in range(len(header)) if any(row[at] for row in found)]
    chosen = [tuple(row[at] for at in shown) for row in found]
    return table([header[at] for at in shown], chosen, right=frozenset(n for n, at in enumerate(shown) if at in right))


def block(content: Iterable[str]) -> list[str]:
    """Return lines as a code block, as they are but for characters that steer."""
    shown = [clean(line) for line in content]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *shown, fence]
