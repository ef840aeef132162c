"""What the plan job of a pull request costs: `comment --base` in a fresh clone, beside `plan` in the same.

    python -m bench.reviewing [--models N] [--rounds N]

The estate's store stands in the place of a shared folder, the loopback GitHub in that of GitHub; the clone has nothing
derived, as on a new runner, and each round makes the comment and the check anew.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench.estate import files
from bench.estate.history import git
from bench.estate.keeping import kept
from bench.estate.making import Size
from bench.scale import ESTATES, ours
from bench.timing import compare, plain_environment, timed
from mlops_ci.testing.github import events
from mlops_ci.testing.github.asked import Asked
from mlops_ci.testing.github.loopback import GitHub
from mlops_ci.testing.github.pulls import opened
from mlops_ci.testing.github.server import loopback
from mlops_ci.testing.github.state import Token

NAME = "octo/models"
AIM = 5.0
"""Seconds from the checkout to the comment of a thousand models of which few changed."""


@dataclass(frozen=True, slots=True)
class Job:
    """The pull request of a number of changed models, and a folder for what its job needs and leaves."""

    github: GitHub
    folder: Path
    changed: int
    number: int

    def fresh(self) -> None:
        """Check out the pull request's merge commit anew, as actions/checkout does with `fetch-depth: 0`."""
        repository = self.github.repository(NAME)
        repository.comments.clear()
        repository.checks.clear()
        shutil.rmtree(self.folder / "clone", ignore_errors=True)
        for left in ("outputs", "summary"):
            (self.folder / left).unlink(missing_ok=True)
        git(self.folder, "clone", "-q", "--no-checkout", f"file://{repository.path}", "clone")
        git(self.folder / "clone", "fetch", "-q", "origin", f"refs/pull/{self.number}/merge")
        git(self.folder / "clone", "checkout", "-q", "--detach", "FETCH_HEAD")

    def environment(self) -> dict[str, str]:
        """Return the variables of its step."""
        event = self.folder / "event.json"
        event.write_text(json.dumps(events.pull_request(self.github, NAME, self.number)))
        return {
            **plain_environment(), **self.github.environment(NAME), "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": f"refs/pull/{self.number}/merge",
            "GITHUB_EVENT_PATH": str(event), "GITHUB_OUTPUT": str(self.folder / "outputs"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"), "GITHUB_RUN_ID": "77",
        }  # fmt: skip


def jobs(github: GitHub, estate: Path, scratch: Path, counts: tuple[int, ...]) -> Iterator[Job]:
    """Yield the job of a pull request for each number of models that it changes."""
    seed = scratch / "seed"
    git(scratch, "clone", "-q", f"file://{estate}", str(seed))
    (seed / "mlops-ci.yaml").write_text(files.PROJECT.replace(".mlops-ci/store", str(estate / ".mlops-ci/store")))
    git(seed, "commit", "-qam", "Keep the store in a shared folder")
    repository = github.repository(NAME)
    git(seed, "push", "-q", str(repository.path), "HEAD:main", "--tags")
    for number, count in enumerate(counts, 1):
        branch = f"change-{count}"
        git(seed, "checkout", "-q", "-b", branch, "main")
        for model in range(count):
            manifest = seed / f"pipelines/{files.name_of(model)}/candidates/high.yaml"
            manifest.write_text(manifest.read_text().replace("rounds: 10", "rounds: 11"))
        git(seed, "commit", "-qam", f"Change {count} models")
        git(seed, "push", "-q", str(repository.path), branch)
        _open(github, branch)
        place = scratch / f"job-{count}"
        place.mkdir()
        yield Job(github, place, count, number)


def _open(github: GitHub, branch: str) -> None:
    somebody = Asked(github, "", {}, {}, None, Token("", "octocat", "*", {}, is_app=False))
    opened(somebody, github.repository(NAME), {"title": branch, "head": f"octo:{branch}", "base": "main"})


def plan_job(models: int, rounds: int, counts: tuple[int, ...]) -> None:
    """Measure the job of pull requests that change so many models, and count what it asks of GitHub."""
    estate = kept(ESTATES, Size(models))
    with tempfile.TemporaryDirectory(dir=ESTATES) as scratch, loopback(Path(scratch, "github")) as github:
        for job in jobs(github, estate, Path(scratch), counts):
            aim = AIM if models == 1000 and job.changed < models else None
            made = (
                ours("mlops-ci plan", job.folder / "clone", "plan"),
                ours("mlops-ci comment --base", job.folder / "clone", "comment", "--base", aim=aim),
            )
            inside = tuple(
                replace(one, folder=job.folder, environment=job.environment(), before=job.fresh) for one in made
            )
            compare(f"plan job, {job.changed:,} of {models:,} models changed", inside, rounds, pick=min)
            job.fresh()
            github.traffic.reset()
            timed(inside[1].command, job.folder, inside[1].environment)
            summary = (job.folder / "summary").stat().st_size
            print(f"  {github.traffic.count()} requests to GitHub, a summary of {summary:,} bytes\n")


def main(arguments: list[str] | None = None) -> int:
    """Print a table for a few changed models, and one for all of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.reviewing", description=__doc__)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args(arguments)
    plan_job(given.models, given.rounds, tuple(sorted({1, min(10, given.models), given.models})))
    return 0


if __name__ == "__main__":
    sys.exit(main())
