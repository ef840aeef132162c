"""The least that a plan must do: list what git has, and compare it with the last listing, kept as JSON.

    python bench/bound.py FOLDER LISTING

Run as a script of its own, so that its time has no package of ours in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Print how many files differ; write the listing where there was none."""
    folder, kept = sys.argv[1], Path(sys.argv[2])
    listed = subprocess.run(["git", "-C", folder, "ls-tree", "-r", "-z", "HEAD"], capture_output=True, check=True)
    now = {}
    for entry in listed.stdout.decode().split("\0"):
        if entry:
            about, path = entry.split("\t", 1)
            now[path] = about.split()[2]
    if not kept.exists():
        kept.write_text(json.dumps(now))
    before = json.loads(kept.read_text())
    print(sum(before.get(path) != blob for path, blob in now.items()) + len(before.keys() - now.keys()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
