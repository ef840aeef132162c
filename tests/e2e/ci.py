"""Jobs of a CI system on one machine: each has a clone of its own, made for it and gone after it.

The store, and the folder that MLOPS_CI_STATE names, lie outside and stay.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from tests.e2e.tiny import MODEL as TESTED
from tests.e2e.tiny import PROJECT, Done, Tiny, make
from tests.faults.trial import MARKED

DYING = Path(__file__).parents[1] / "faults/dying.py"

_KEPT = TESTED.partition("tests:")[0].replace("  metrics: [recall]\n  slices: [side]\n", "")
MODEL = f"""\
{_KEPT}tests: {{skip: [latency, robustness]}}
environments:
  staging: {{}}
  production: {{promotes_from: staging, approval: true}}
"""

MARKING = """\
format: 1
script: src/train/fit.py
hyperparameters: {{cut: {cut}, mark: "{mark}"}}
seed: 1
"""

_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Machine:
    """A self-hosted runner: `base` is its disk, `tiny` somebody's own checkout, from which merges come."""

    base: Path
    tiny: Tiny

    def merge(self, message: str) -> str:
        """Put what is in somebody's checkout on the branch, over what came there meanwhile; return the commit."""
        self.tiny.commit(message)
        self.tiny.git("pull", "-q", "--rebase", "origin", "main")
        self.tiny.git("push", "-q", "origin", "HEAD:main")
        return self.tiny.git("rev-parse", "HEAD")

    def tip(self) -> str:
        return self.origin("rev-parse", "main")

    def origin(self, *words: str) -> str:
        """Return what git says in the remote."""
        return self.tiny.git("--git-dir", str(self.base / "p/origin.git"), *words)

    def candidate(self, name: str, cut: float) -> None:
        """Write a candidate whose training leaves marks, so that one that trains twice is seen."""
        self.tiny.write(f"candidates/{name}.yaml", MARKING.format(cut=cut, mark=self.base / "marks"))

    def marks(self) -> list[str]:
        """Return the cuts whose training began, in order."""
        place = self.base / "marks"
        lines = place.read_text().splitlines() if place.exists() else []
        return [line.removeprefix("start ") for line in lines if line.startswith("start ")]

    @contextmanager
    def checkout(self, commit: str = "", **variables: str) -> Iterator[Tiny]:
        """Give a fresh clone, detached at a commit as actions/checkout leaves it, else on the branch."""
        folder = self.base / "jobs" / str(next(_NUMBERS))
        self.tiny.git("clone", "-q", self.tiny.git("remote", "get-url", "origin"), str(folder))
        found = Tiny(folder, {**self.environment(), **variables})
        if commit:
            found.git("checkout", "-q", "--detach", commit)
        try:
            yield found
        finally:
            shutil.rmtree(folder)

    def job(self, *words: str, commit: str = "", code: int | None = 0, **variables: str) -> Done:
        """Return the end of a job with one command, having checked its exit code."""
        with self.checkout(commit, **variables) as here:
            return here.run(*words, code=code)

    def outputs(self, *words: str, commit: str = "", code: int = 0) -> tuple[dict[str, str], str]:
        """Return what a job left as outputs, and its summary."""
        place, summary = self.base / "outputs", self.base / "summary"
        place.unlink(missing_ok=True)
        summary.unlink(missing_ok=True)
        self.job(*words, commit=commit, code=code, GITHUB_OUTPUT=str(place), GITHUB_STEP_SUMMARY=str(summary))
        lines = place.read_text().splitlines() if place.exists() else []
        return dict(line.split("=", 1) for line in lines), summary.read_text() if summary.exists() else ""

    def killed(self, *words: str, at: str, when: str = "after", commit: str = "") -> list[str]:
        """Kill a command at a boundary (see `dying`), take its clone away, and return the boundaries it came to."""
        log = self.base / "boundaries"
        log.unlink(missing_ok=True)
        with self.checkout(commit) as here:
            command = [sys.executable, str(DYING), at, "group", when, str(log), "-C", str(here.folder), *words]
            done = subprocess.run(
                command, env=here.environment, capture_output=True, text=True,
                stdin=subprocess.DEVNULL, check=False, start_new_session=True,
            )  # fmt: skip
        assert at == "0" or done.returncode == -9, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return log.read_text().splitlines() if log.exists() else []

    def environment(self) -> dict[str, str]:
        return {**self.tiny.environment, "MLOPS_CI_STATE": str(self.base / "state")}

    def status(self) -> Any:  # noqa: ANN401 - parsed JSON
        """Return what git says and what serves."""
        return self.job("status", "--json").json()["models"][0]

    def end(self) -> None:
        """End every endpoint."""
        for place in (self.base / "state").glob("*/endpoints/*"):
            self.job("destroy", place.name, "--all", "--yes", code=None)


def machine(base: Path) -> Machine:
    """Return a machine with a project of one model, two candidates and an approval before production."""
    found = Machine(base, make(base / "p"))
    own = Tiny(found.tiny.folder, {**found.tiny.environment, "MLOPS_CI_STATE": str(base / "state")})
    found = replace(found, tiny=own)
    (own.folder / "mlops-ci.yaml").write_text(PROJECT.replace(".mlops-ci/store", str(base / "store")))
    own.write("model.yaml", MODEL)
    own.write("src/train/fit.py", MARKED)
    found.candidate("low", 0.2)
    found.candidate("middle", 0.45)
    own.push("a store that stays")
    return found


def promotions(of: Machine) -> list[str]:
    """Return the subjects of all promotions on the branch, first to last."""
    subjects = of.origin("log", "--reverse", "--format=%s", "main").splitlines()
    return [subject for subject in subjects if subject.startswith("Promote ")]
