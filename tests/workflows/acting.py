"""The workflows, run by `act` on this machine, against a bare repository and the loopback GitHub.

What differs from GitHub is written here and nowhere else. `$/`, which act does not know, names this checkout. Actions
of others are small stand-ins below `stubs`; the checkout has another name, since act copies a folder where it reads
`actions/checkout`. act has one token for all, so the stand-in of the checkout, and a command `mlops-ci` on PATH, have
one of the very rights that their job asks for. The repository is private: without a token nothing is fetched, without
`contents: write` nothing is pushed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from mlops_ci import resources
from mlops_ci.testing.github.asked import Asked
from mlops_ci.testing.github.heads import fresh
from mlops_ci.testing.github.loopback import GitHub
from mlops_ci.testing.github.pulls import opened
from mlops_ci.testing.github.state import RIGHTS, Pull, Token
from tests.e2e.tiny import PROJECT, Tiny, environment

NAME = "octo/models"
STUBS = Path(__file__).parent / "stubs"
STANDS_IN = {
    "stand-in/checkout": "checkout",
    "actions/upload-artifact": "upload-artifact",
    "actions/download-artifact": "download-artifact",
}

_CALLER = """\
on: {event}
permissions: write-all
jobs:
  models:
    uses: toolkit/mlops-ci/.github/workflows/{workflow}.yml@main
    with: {given}
"""
_COMMAND = """\
#!/bin/sh
if [ -n "$GITHUB_TOKEN" ]; then
    GITHUB_TOKEN=$(cat "{tokens}/$GITHUB_WORKFLOW.$GITHUB_JOB") || exit 70
fi
printf '%s\\n' "$GITHUB_JOB: $*" >> "{typed}"
exec "{python}" -m mlops_ci "$@"
"""


@dataclass(frozen=True, slots=True)
class Acted:
    """A run that ended: act's exit code, what was said (`job: text`), and how each job ended."""

    code: int
    log: str
    jobs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Hub:
    """One repository on the loopback GitHub, with the project of `tiny` in it, and a runner of its own.

    The store and the state of the machine lie outside of every checkout, as on a runner that stays.
    """

    github: GitHub
    tiny: Tiny
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> Path:
        return self.github.repository(NAME).path

    def open(self, branch: str, title: str, *, owner: str = "octo", labels: tuple[str, ...] = ()) -> Pull:
        """Return a new pull request of somebody's, from a branch that was pushed."""
        who = Token("", owner, "*", {}, is_app=False)
        asked = Asked(self.github, "", {}, {}, None, who)
        body = {"title": title, "head": f"{owner}:{branch}", "base": "main"}
        pull = opened(asked, self.github.repository(NAME), body)
        pull.labels += labels
        return pull

    def review(self, pull: Pull, *, run: str = "1", given: Mapping[str, Any] | None = None) -> Acted:
        """Return the run that a new state of a pull request starts."""
        fresh(self.github, self.github.repository(NAME))
        merge = f"refs/pull/{pull.number}/merge"
        payload = {
            "action": "synchronize", "number": pull.number,
            "pull_request": {
                "number": pull.number, "title": pull.title, "body": pull.body,
                "labels": [{"name": label} for label in pull.labels],
                "head": {"ref": pull.branch, "sha": pull.head, "repo": {"full_name": pull.head_repository}},
                "base": {"ref": "main", "repo": {"full_name": NAME}},
            },
        }  # fmt: skip
        commit = self.github.repository(NAME).bare.rev(merge)
        return self.act("models-pull-request", "pull_request", payload, ref=merge, commit=commit, run=run, given=given)

    def push(self, *, run: str = "1", given: Mapping[str, Any] | None = None) -> Acted:
        """Return the run that a push to the release branch starts, on what its tip is."""
        tip = self.github.repository(NAME).bare.branch("main")
        payload = {"ref": "refs/heads/main", "after": tip}
        return self.act("models-release", "push", payload, ref="refs/heads/main", commit=tip, run=run, given=given)

    def operate(self, operation: str, environment: str, *, version: str = "", why: str = "", run: str = "1") -> Acted:
        """Return the run that a person starts by hand."""
        asked = {"operation": operation, "environment": environment, "model": "tiny", "version": version, "why": why}
        handed = {name: f"${{{{ github.event.inputs.{name} }}}}" for name in asked}
        tip = self.github.repository(NAME).bare.branch("main")
        return self.act(
            "models-operations", "workflow_dispatch", {"inputs": asked}, ref="refs/heads/main", commit=tip, run=run,
            given=handed,
        )  # fmt: skip

    def night(self, *, run: str = "1") -> Acted:
        """Return the run that a night starts."""
        tip = self.github.repository(NAME).bare.branch("main")
        return self.act("models-drift", "schedule", {}, ref="refs/heads/main", commit=tip, run=run)

    @property
    def typed(self) -> list[str]:
        """Return `job: arguments` of every command that a job typed."""
        return (self.folder / "typed").read_text().splitlines()

    def act(
        self, workflow: str, event: str, payload: Mapping[str, Any], *, ref: str, commit: str, run: str = "1",
        given: Mapping[str, Any] | None = None,
    ) -> Acted:  # fmt: skip
        """Return the run of a workflow that an event started."""
        place = self.folder / "caller"
        inputs = {"python-version": "", "package": "", **(given or {})}
        (place / "caller.yml").write_text(_CALLER.format(event=event, workflow=workflow, given=json.dumps(inputs)))
        (place / "event.json").write_text(json.dumps({"repository": {"full_name": NAME}, **payload}))
        known = {
            "GITHUB_REPOSITORY": NAME, "GITHUB_REF": ref, "GITHUB_SHA": commit, "GITHUB_RUN_ID": run,
            "GITHUB_ACTOR": "ada", "GITHUB_API_URL": self.github.url, "GITHUB_SERVER_URL": self.github.web,
            "RUNNER_ENVIRONMENT": "self-hosted", "TOKENS": str(self.folder / "tokens"),
            "ARTIFACTS": str(self.folder / "artifacts"),
            "MLOPS_CI_STATE": str(self.folder / "state"), "NO_COLOR": "1",
        }  # fmt: skip
        done = subprocess.run(
            [
                Path(sys.executable).parent / "act", event, "--json", "-C", place, "-W", place / "caller.yml",
                "-e", place / "event.json", "-P", "ubuntu-latest=-self-hosted", "--no-cache-server",
                "--action-offline-mode", "--concurrent-jobs", "1", "-s", "GITHUB_TOKEN=given-by-act", *self._local(),
                *(word for name, value in known.items() for word in ("--env", f"{name}={value}")),
            ],
            env={
                **environment(), "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
                "HOME": str(self.folder / "home"), "XDG_CACHE_HOME": str(self.folder / "cache"),
            },
            capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        said = [json.loads(line) if line.startswith("{") else {"msg": line} for line in _lines(done)]
        log = "\n".join(f"{line.get('jobID', 'act')}: {line['msg']}" for line in said)
        return Acted(done.returncode, log, {line["jobID"]: line["jobResult"] for line in said if line.get("jobResult")})

    def _local(self) -> Sequence[str]:
        toolkit = self.folder / "toolkit"
        used = {
            found
            for path in toolkit.rglob("*.yml")
            for found in re.findall(r"uses: ([\w-]+/\S+@\w{40})", path.read_text())
        }
        places = {action: STUBS / STANDS_IN.get(action.partition("@")[0], "nothing") for action in used}
        places["toolkit/mlops-ci@main"] = toolkit
        return [word for action, place in places.items() for word in ("--local-repository", f"{action}={place}")]


def _lines(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in (done.stdout + done.stderr).splitlines() if "LocalRepositoryCache" not in line]


def hub(github: GitHub, folder: Path, tiny: Tiny) -> Hub:
    """Return a hub for a project whose `origin` is a bare repository."""
    origin = folder / "tiny/origin.git"
    github.repository(NAME, bare=origin, is_private=True)
    for name in ("bin", "home", "tokens", "artifacts", "caller"):
        (folder / name).mkdir()
    for words in ("init -q", "commit -q --allow-empty -m first"):  # act looks for a commit where it is started
        subprocess.run(["git", *words.split()], cwd=folder / "caller", env=tiny.environment, check=True)
    made = Hub(github, Tiny(tiny.folder, {**tiny.environment, "MLOPS_CI_STATE": str(folder / "state")}), folder)
    _toolkit(folder / "toolkit")
    for path in sorted((folder / "toolkit/.github/workflows").glob("models-*.yml")):
        for job, asked in yaml.safe_load(path.read_text())["jobs"].items():
            who, rights = f"{path.stem}.{job}", asked["permissions"]
            token = github.token(NAME, **{right: rights.get(right.replace("_", "-"), "none") for right in RIGHTS})
            made.tokens[who] = token
            (folder / "tokens" / who).write_text(token)
    (folder / "typed").touch()
    command = _COMMAND.format(tokens=folder / "tokens", typed=folder / "typed", python=sys.executable)
    _executable(folder / "bin/mlops-ci", command)
    (made.tiny.folder / "mlops-ci.yaml").write_text(PROJECT.replace(".mlops-ci/store", str(folder / "store")))
    made.tiny.push("keep the store outside of checkouts")
    return made


def _toolkit(folder: Path) -> None:
    """Lay out the files of GitHub as a repository of their own, with `$/` in the words that act knows."""
    for name in ("workflows", "actions"):
        source = resources.folder(name)
        for path in source.rglob("*.yml"):
            place = folder / ".github" / name / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            text = re.sub(r"uses: \$/(\S+)", r"uses: toolkit/mlops-ci/\1@main", path.read_text())
            place.write_text(text.replace("uses: actions/checkout@", "uses: stand-in/checkout@"))


def _executable(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
