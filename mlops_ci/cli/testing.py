"""The verb that starts what tests need: a loopback AWS, a loopback GitHub."""

from __future__ import annotations

import os
import sys

from mlops_ci.cli.session import Session


def testing_verb(session: Session) -> int:
    """Become the loopback: the command line knows nothing of what tests are made of."""
    asked = session.arguments
    words = [asked.what, "--port", str(asked.port)]
    words += ["--repository", asked.repository] if asked.action == "github" else ["--stop-grace", str(asked.stop_grace)]
    if asked.root is not None:
        words += ["--root", str(session.folder / asked.root)]
    command = [sys.executable, "-P", "-m", f"mlops_ci.testing.{asked.action}", *words]
    os.execve(command[0], command, dict(session.environment))  # noqa: S606 - no shell is wanted
