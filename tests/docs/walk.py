"""Does what a page says, in its order, and compares what the commands print with what the page shows.

`python -m tests.docs.walk PAGE... FOLDER` prints what they print today, to be pasted into the pages.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.pages import Block, Command, blocks, commands

_PORT = re.compile(r"(?<=http://127\.0\.0\.1:)\d+")
_VARIES = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "TIME"),
    (re.compile(r"\b[0-9a-f]{7,64}\b"), "#"),
    (re.compile(r"(?<![\w.])-?\d+(\.\d+)?(e-?\d+)?\b"), "#"),
    (re.compile(r"# (ms|s|min)\b( # s)?"), "# s"),
    (re.compile(r"\s+"), " "),
)


def told(line: str) -> str:
    """Return a line without what differs from run to run: hashes, numbers, times, the width of columns."""
    for pattern, instead in _VARIES:
        line = pattern.sub(instead, line)
    return line.strip()


@dataclass(slots=True)
class Walk:
    """A reader: where he is, and which port of the page is which of this machine."""

    folder: Path
    environment: dict[str, str]
    show: Callable[[str], object] | None = None
    _ports: dict[str, str] = field(default_factory=dict)

    def do(self, block: Block) -> None:
        """Write the block's file, or type its commands.

        Raises:
            AssertionError: a command ended otherwise, or printed something else, than the page says.

        """
        if block.file:
            path = self.folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            for command in commands(block):
                self._type(command)

    def _type(self, command: Command) -> None:
        text = _PORT.sub(lambda found: self._ports.get(found[0], found[0]), command.text)
        if text.startswith("curl ") and not shutil.which("curl"):
            return
        place = self.folder / ".walk"
        script = f"{text}\n__code=$?\npwd > '{place}'\nexit $__code\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip
        self.folder = Path(place.read_text(encoding="utf-8").strip())
        place.unlink()
        shown, code = list(command.output), 0
        if self.show:
            self._differs(shown, done.stdout.splitlines())
            self.show(f"$ {text}\n{done.stdout}" + (f"[exit {done.returncode}]\n" if done.returncode else ""))
            return
        if shown and (found := re.fullmatch(r"\[exit (\d+)\]", shown[-1])):
            code = int(found[1])
            shown.pop()
        where = f"line {command.line}: {text}\n{done.stdout}"
        assert done.returncode == code, f"exit {done.returncode}, the page says {code}\n{where}"
        problem = self._differs(shown, done.stdout.splitlines())
        assert not problem, f"{problem}\n{where}"

    def _differs(self, shown: list[str], printed: list[str]) -> str:
        """Return the first line of the page that was not printed where it should be; learn the ports on the way."""
        shown, printed = _sorted(shown), _sorted(printed)
        at, free = 0, not shown
        for line in shown:
            if line.strip() == "...":
                free = True
                continue
            wanted, cut = told(line.partition(" ...")[0]), " ..." in line
            while at < len(printed):
                found = told(printed[at])
                if found == wanted or (cut and found.startswith(wanted)):
                    break
                if not free:
                    return f"the page says: {line}\nprinted was:   {printed[at]}"
                at += 1
            else:
                return f"the page says: {line}\nprinted was nothing more"
            for mine, theirs in zip(_PORT.findall(line), _PORT.findall(printed[at]), strict=False):
                self._ports[mine] = theirs
            at, free = at + 1, False
        return "" if free or at == len(printed) else f"the page does not say: {printed[at]}"


def _sorted(lines: list[str]) -> list[str]:
    """Return the lines that say something, neighbouring ends of steps in the order of their names: jobs end as they
    like.
    """
    out: list[str] = []
    steps: list[str] = []
    for line in [*(line for line in lines if line.strip()), ""]:
        if line.startswith("✓ "):
            steps.append(line)
            continue
        out.extend(sorted(steps))
        steps.clear()
        out.append(line)
    return out[:-1]


def reader() -> dict[str, str]:
    """Return the environment of a reader whose `mlops-ci` and `python` are the ones that run this."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTEST_"))},
        "GIT_AUTHOR_NAME": "Ada Lovelace", "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada Lovelace", "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "NO_COLOR": "1", "PATH": path,
    }  # fmt: skip


if __name__ == "__main__":
    *pages, place = sys.argv[1:]
    walk = Walk(Path(place), reader(), show=sys.stdout.write)
    for page in pages:
        for block in blocks(Path(page).read_text(encoding="utf-8")):
            walk.do(block)
