"""Diagnostics as SARIF 2.1.0, which code hosts and editors read.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
Why it is written without a library: docs/decisions/0005-sarif-without-a-library.md
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import quote

from mlops_ci import __version__
from mlops_ci.diagnostics import Diagnostic
from mlops_ci.model import Json
from mlops_ci.views.diagnostics import sentence
from mlops_ci.views.explained import Explained
from mlops_ci.views.placing import Root
from mlops_ci.views.validation import Validation

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_TOP = "REPOSITORY"


def validation_sarif(
    validation: Validation, root: Root, checks: Mapping[str, Explained], *, exit_code: int, home: str = ""
) -> str:
    """Return one run as SARIF 2.1.0: a result a diagnostic, in their order, and a rule for each code that occurs.

    `checks` explain the codes; `home` is the address of that page, and where it is empty rules have no `helpUri`.
    Columns count characters (code points) from 1, `endColumn` is the one after the last, as SARIF has it.
    """
    codes = sorted({diagnostic.code for diagnostic in validation.diagnostics})
    driver: dict[str, Json] = {"name": "mlops-ci", "version": __version__}
    if home:
        driver["informationUri"] = home
    driver["rules"] = [_rule(code, checks.get(code), home) for code in codes]
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "exitCode": exit_code}],
        "originalUriBaseIds": {_TOP: {"description": {"text": "the top of the git repository"}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, codes.index(diagnostic.code), root) for diagnostic in validation.diagnostics],
    }
    log: dict[str, Json] = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _rule(code: str, known: Explained | None, home: str) -> Json:
    rule: dict[str, Json] = {"id": code}
    if known is not None:
        rule["shortDescription"] = {"text": _plain(known.why)}
        rule["fullDescription"] = {"text": _plain(known.why)}
        rule["help"] = {
            "text": f"{_plain(known.why)} What to do: {_plain(known.fix)}",
            "markdown": f"{known.why}\n\n**What to do**: {known.fix}",
        }
    if home:
        rule["helpUri"] = home
    return rule


def _result(diagnostic: Diagnostic, rule: int, root: Root) -> Json:
    parts = (diagnostic.summary, diagnostic.detail, f"hint: {diagnostic.hint}" if diagnostic.hint else "")
    result: dict[str, Json] = {
        "ruleId": diagnostic.code,
        "ruleIndex": rule,
        "level": diagnostic.severity.value,
        "message": {"text": "\n".join(sentence(part) for part in parts if part)},
    }
    path, span = root.path(diagnostic.span), diagnostic.span
    if path:
        place: dict[str, Json] = {"artifactLocation": {"uri": _uri(path), "uriBaseId": _TOP}}
        if span.line:
            region: dict[str, Json] = {
                "startLine": span.line,
                "startColumn": span.column,
                "endLine": span.line,
                "endColumn": max(span.end, span.column + 1),
            }
            if diagnostic.excerpt:
                region["snippet"] = {"text": sentence(diagnostic.excerpt)}
            place["region"] = region
        result["locations"] = [{"physicalLocation": place}]
    return result


def _uri(path: str) -> str:
    """Return a path as a relative reference: bytes that no URI holds are escaped, and a colon is no scheme."""
    return quote(path, safe="/", errors="surrogateescape")


def _plain(markdown: str) -> str:
    return markdown.replace("`", "")
