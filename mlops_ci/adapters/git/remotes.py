"""The address of a remote that anybody may know: no user, no password, no token."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from mlops_ci.adapters.git.process import open_git

_SCP = re.compile(r"(?:[^@/]+@)?(?P<host>[^:/]+):(?P<path>[^/].*)")
"""`git@github.com:owner/name.git`, as git writes ssh for short."""


def clone_address(project: Path, remote: str, environment: Mapping[str, str]) -> str:
    """Return the `https://` address of a remote, to be cloned without credentials; empty where it has none."""
    git, _ = open_git(project, environment)
    _, said, _ = git.start("config", "--get", f"remote.{remote}.url").ended()
    return public(said.decode(errors="replace").strip())


def public(url: str) -> str:
    """Return a remote's address without who asks, by https; empty where another machine cannot reach it."""
    if "://" not in url:
        found = _SCP.fullmatch(url)
        return f"https://{found['host']}/{found['path']}" if found else ""
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http", "ssh", "git"} or not parts.hostname:
        return ""
    port = f":{parts.port}" if parts.port and parts.scheme in {"https", "http"} else ""
    scheme = "http" if parts.scheme == "http" else "https"
    return f"{scheme}://{parts.hostname}{port}{parts.path}"
