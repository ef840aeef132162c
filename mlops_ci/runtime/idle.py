"""Ends a notebook instance in which nothing runs. Runs there, by itself: standard library only.

`python idle.py --url https://localhost:8443 --minutes 60 --every 60 -- COMMAND ...` asks Jupyter what is going on, and
runs COMMAND once nothing was for so long. A kernel that is busy counts as going on, one that waits since its last
activity; a terminal since its last one. What does not answer counts as idle: a notebook that hangs costs money, too.
"""

from __future__ import annotations

import argparse
import json
import ssl
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timezone


def main(arguments: list[str]) -> int:
    """Return the exit code of the command, once it was run."""
    parser = argparse.ArgumentParser(prog="idle")
    parser.add_argument("--url", required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--every", type=float, default=60.0)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args(arguments)
    last = time.time()
    while True:
        last = max(last, active(given.url, time.time()))
        if time.time() - last >= given.minutes * 60:
            print(f"nothing ran for {given.minutes:g} minutes", flush=True)
            return subprocess.run(given.command, check=False).returncode
        time.sleep(given.every)


def active(url: str, now: float) -> float:
    """Return when something was last going on, in seconds since 1970; 0 where nothing is known of it."""
    times = [0.0]
    times += [
        now if kernel.get("execution_state") == "busy" else moment(kernel.get("last_activity"))
        for kernel in asked(f"{url}/api/kernels")
    ]
    times += [moment(terminal.get("last_activity")) for terminal in asked(f"{url}/api/terminals")]
    return max(times)


def asked(url: str) -> list[dict[str, str]]:
    """Return what Jupyter lists; nothing where it does not answer, or with something else."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # its own certificate, on this machine
    try:
        secured = context if url.startswith("https:") else None
        with urllib.request.urlopen(url, timeout=10, context=secured) as answer:  # noqa: S310 - as it was given
            found = json.load(answer)
    except (OSError, ValueError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def moment(text: object) -> float:
    """Return what a time of Jupyter's is in seconds since 1970, or 0."""
    try:
        found = datetime.fromisoformat(str(text).replace("Z", "+00:00"))  # noqa: FURB162 - Python 3.9
    except ValueError:
        return 0.0
    return (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).timestamp()  # noqa: UP017 - Python 3.9


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
