"""How a CI system installs mlops-ci: a file of requirements in the project, with a line that names one commit.

It is a file, not a setting of GitHub: it is reviewed, it is the same in every CI system, and a fork has it too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

FILE = "requirements-ci.txt"
EXAMPLE = "mlops-ci @ git+https://github.com/OWNER/mlops-ci@COMMIT"

_HEAD = f"""\
# What CI installs (`pip install -r {FILE}`): mlops-ci at one commit, and whatever training scripts import.
# `mlops-ci init --ci` began it; from here on it is yours.
"""
_UNKNOWN = f"""\
# Take the `# ` away and say where your mlops-ci is. It is on no package index: a bare `mlops-ci` would be a stranger's.
# {EXAMPLE}
"""
_NAMED = re.compile(
    r"(?:-e\s*|--editable[ =])?(?:\S*[/@])?mlops[-_.]ci(?:\.git)?(?![\w.-])|\S*\bmlops_ci-\S+\.whl\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where this mlops-ci came from: the address of a git repository and a commit that it has; empty: nobody knows."""

    address: str = ""
    commit: str = ""


def origin_of(direct_url: str) -> Origin:
    """Return the origin that an installer left beside a package which came from no index (PEP 610)."""
    known = json.loads(direct_url) if direct_url else {}
    vcs = known.get("vcs_info", {})
    return Origin(known["url"], vcs["commit_id"]) if vcs.get("vcs") == "git" and vcs.get("commit_id") else Origin()


def line_of(origin: Origin, extras: tuple[str, ...]) -> str:
    """Return the requirement that installs this very mlops-ci elsewhere, or an empty string where none is known."""
    if not origin.commit or not re.match(r"https://\S+$", origin.address):
        return ""
    bracketed = f"[{','.join(extras)}]" if extras else ""
    return f"mlops-ci{bracketed} @ git+{origin.address}@{origin.commit}"


def text_of(line: str) -> str:
    """Return the file with this requirement; without one it holds a comment that says what to write."""
    return _HEAD + (f"{line}\n" if line else _UNKNOWN)


def names_us(text: str) -> bool:
    """Return whether a file of requirements has a line that installs mlops-ci."""
    lines = (line.partition(" #")[0].strip() for line in text.splitlines())
    return any(_NAMED.match(line) for line in lines if not line.startswith("#"))
