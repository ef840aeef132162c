"""A pull request from the fork of somebody who means harm: one run without rights reads it, another one comments."""

from __future__ import annotations

import json

import pytest

from mlops_ci.testing.github.state import Pull
from tests.e2e.tiny import CANDIDATE, Tiny
from tests.workflows.acting import NAME, Acted, Hub

pytestmark = pytest.mark.e2e

BRANCH = "$(touch${IFS}pwned)`touch${IFS}pwned`'\";touch${IFS}pwned;#${{github.token}}&&touch${IFS}pwned|x"
"""A name that git takes."""
TITLE = (
    '"; touch pwned; $(touch pwned) `touch pwned` ${{ github.token }}\n'
    "::set-output name=x::y\n<script>alert(1)</script>"
)
DESCRIPTION = "</details> <!-- mlops-ci:other --> | a | [x](javascript:y) @everyone $(touch pwned) ${{ github.token }}"


def forked(models: Hub, branch: str) -> Pull:
    """Return a pull request from the branch of a stranger's fork, whose files and words do what they can."""
    fork = models.github.fork(NAME, "mallory")
    theirs = Tiny(models.folder / "theirs", models.tiny.environment)
    models.tiny.git("clone", "-q", f"file://{fork.path}", str(theirs.folder))
    theirs.git("checkout", "-q", "-B", branch, "origin/main")
    theirs.write("candidates/evil.yaml", CANDIDATE.format(cut=0.4))
    theirs.replace("model.yaml", "description: whether x is large", f"description: {json.dumps(DESCRIPTION)}")
    (theirs.folder / "setup.py").write_text("open('pwned', 'w')\n")
    theirs.commit(TITLE)
    theirs.git("push", "-q", "origin", f"HEAD:refs/heads/{branch}")
    return models.open(branch, TITLE, owner="mallory", labels=("train", "$(touch pwned)"))


def commented(models: Hub, pull: Pull, run: str) -> Acted:
    """Return the trusted run, started by the end of the other."""
    payload = {
        "action": "completed",
        "workflow_run": {
            "id": int(run), "event": "pull_request", "conclusion": "success", "head_sha": pull.head,
            "head_branch": pull.branch, "display_title": pull.title, "pull_requests": [],
            "head_repository": {"full_name": pull.head_repository},
        },
    }  # fmt: skip
    tip = models.github.repository(NAME).bare.branch("main")
    return models.act("models-comment", "workflow_run", payload, ref="refs/heads/main", commit=tip, run=f"{run}1")


def test_a_hostile_fork_gets_its_comment_and_nothing_else(models: Hub) -> None:
    pull = forked(models, BRANCH)
    models.github.traffic.reset()
    read = models.review(pull, run="5", given={"train": "always"})
    assert read.jobs == {"fork": "success"}, read.log
    assert models.github.traffic.calls == []  # nothing is asked of GitHub, and nothing is trained
    assert not (models.folder / "store").exists()
    done = commented(models, pull, "5")
    assert done.jobs == {"comment": "success"}, done.log
    (comment,) = models.github.comments(pull.number, NAME)
    assert comment.startswith("<!-- mlops-ci:")
    assert "evil" in comment
    assert comment.count("<!--") == 1
    assert "<script" not in comment
    assert not any(token in text for token in models.tokens.values() for text in (read.log, done.log, comment))
    assert list(models.folder.rglob("pwned")) == []
