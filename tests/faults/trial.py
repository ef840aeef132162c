"""One trial: a `run` that meets its fate, the `run` after it, and the end that both together reach."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.tiny import CANDIDATE, MODEL, TRAIN, Done, Tiny, make

DYING = Path(__file__).with_name("dying.py")

MARKED = (
    TRAIN.replace("given =", 'parser.add_argument("--mark")\ngiven =').replace(
        "parser.parse_args()\n", 'parser.parse_args()\nprint(f"start {given.cut}", file=open(given.mark, "a"))\n'
    )
    + 'print(f"end {given.cut}", file=open(given.mark, "a"))\n'
)
"""Training that leaves a line in a file when it starts, and one when it ends."""

QUICK = MODEL.partition("tests:")[0] + (
    "tests: {skip: [latency, robustness]}\nenvironments:\n  staging: {}\n  production: {promotes_from: staging}\n"
)


def project(folder: Path) -> Tiny:
    """Return a new project whose trainings say when they start."""
    made = make(folder)
    made.write("src/train/fit.py", MARKED)
    made.write("model.yaml", QUICK)
    for name, cut in (("low", 0.2), ("middle", 0.45)):
        made.write(f"candidates/{name}.yaml", CANDIDATE.format(cut=f'{cut}, mark: "{folder}/mark"'))
    made.push("say when it starts")
    return made


def marks(tiny: Tiny) -> list[str]:
    """Return what the trainings said, in order."""
    mark = tiny.folder.with_name("mark")
    return mark.read_text().splitlines() if mark.exists() else []


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to a run, and at which boundary: its number, or a piece of what it says; see `dying`."""

    at: int | str
    do: str = "us"
    when: str = "before"


def suffer(tiny: Tiny, fate: Fate, verb: str = "run") -> tuple[Done, list[str]]:
    """Return how the run ended that met this fate, and the boundaries that it came to."""
    log = tiny.folder.with_name("boundaries")
    log.unlink(missing_ok=True)
    words = [str(fate.at), fate.do, fate.when, str(log), "-C", str(tiny.folder), verb]
    done = subprocess.run(
        [sys.executable, str(DYING), *words], env=tiny.environment, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, check=False, start_new_session=True,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr), log.read_text().splitlines() if log.exists() else []


def end_of(tiny: Tiny) -> dict[str, Any]:
    """Return all that must be the same however often a run was disturbed."""
    found = tiny.run("status", "--json").json()["models"][0]
    happened = tiny.run("history", "--json").json()["models"][0]["happenings"]
    places = found["environments"]
    tiny.git("fetch", "-q")
    return {
        "champion": (found["champion"]["version"], found["champion"]["candidate"]),
        "environments": {n: (e["version"], e["state"], (e["tests"] or {}).get("verdict")) for n, e in places.items()},
        "answers": [tiny.ask(name) for name, e in places.items() if e["url"]],
        "happened": [(h["kind"], h["environment"], h["version"], h["verdict"]) for h in happened],
        "commits": tiny.git("log", "--format=%s", "origin/main").splitlines(),
        "tags": tiny.git("ls-remote", "--tags", "--refs", "origin").split("/", 2)[-1],
        "uncommitted": tiny.git("status", "--porcelain"),
        "not pulled": tiny.git("log", "--format=%s", "HEAD..origin/main"),
        "plan": tiny.changes(),
        "half made": half_made(tiny),
    }


UNDISTURBED: dict[str, Any] = {
    "champion": (1, "middle"),
    "environments": {"staging": (1, "InService", "passed"), "production": (1, "InService", None)},
    "answers": [(200, "[1.0]", "tiny/v1")] * 2,
    "happened": [
        ("contest", None, 1, "promote"),
        ("promotion", None, 1, None),
        ("deployment", "staging", 1, None),
        ("test", "staging", 1, "passed"),
        ("gate", "production", 1, "passed"),
        ("deployment", "production", 1, None),
    ],
    "commits": [
        "Deploy tiny v1 to production",
        "Deploy tiny v1 to staging",
        "Promote tiny v1: middle",
        "say when it starts",
        "first",
    ],
    "tags": "tiny/v1",
    "uncommitted": "",
    "not pulled": "",
    "plan": [],
    "half made": [],
}
"""Where a run that nobody disturbed ends; a test holds it to that."""


def half_made(tiny: Tiny) -> list[str]:
    """Return what lies around half made, and would for ever."""
    state = tiny.folder / ".mlops-ci"
    named = ("store/.tmp/*", "datasets/.*", "packages/.*", "jobs/.staging/*", "endpoints/.*/*")
    return sorted(str(path.relative_to(state)) for pattern in named for path in state.glob(pattern))


def recovered(folder: Path, fate: Fate) -> tuple[Tiny, Done, list[str], list[str]]:
    """Return a project whose run met its fate and was run again, that run, the boundaries, and what trainings said.

    Where a runner was killed, its job is lost and that is told: then once more is needed.
    """
    tiny = project(folder)
    try:
        first, boundaries = suffer(tiny, fate)
        again = tiny.run("run", code=None)
    except BaseException:
        tiny.end()
        raise
    assert again.code == 0, f"{fate} {boundaries[-1:]}\n{again.out}\n{again.err}"
    return tiny, first, boundaries, marks(tiny)
