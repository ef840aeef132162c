"""Notebooks of this machine, by the command line. The server only has the name: tests/adapters/local/jupyter.py."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from tests.adapters.local.jupyter import SERVER
from tests.e2e.tiny import Tiny, wheel

pytestmark = pytest.mark.e2e


@pytest.fixture
def with_jupyter(tiny: Tiny, tmp_path: Path) -> Tiny:
    """Return a project whose candidate `low` asks for Jupyter."""
    tiny.write("requirements.txt", wheel(tmp_path / "wheels", "jupyterlab", SERVER))
    tiny.write("candidates/low.yaml", tiny.read("candidates/low.yaml") + "requirements: requirements.txt\n")
    tiny.push("Jupyter")
    return tiny


def test_a_notebook_is_started_seen_and_stopped(with_jupyter: Tiny) -> None:
    tiny = with_jupyter
    assert tiny.run("notebook", "tiny", "status").out == "tiny: there is no notebook\n"
    try:
        line, url = tiny.run("notebook", "tiny", "start", "--candidate", "low").out.splitlines()
        assert line == "tiny: running for `low`"
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert answer.status == 200
        assert tiny.run("notebook", "tiny", "status").out.splitlines() == [line, url]
        again = tiny.run("notebook", "tiny", "start", "--candidate", "middle")
        assert again.out.splitlines() == [line, url]
        assert "it ran already, for `low`" in again.err
    finally:
        ended = tiny.run("notebook", "tiny", "stop")
    assert ended.out == "tiny: there is no notebook\n"
    assert tiny.run("notebook", "tiny", "status").out == "tiny: there is no notebook\n"
    assert tiny.run("notebook", "tiny", "stop", "--delete").out == "tiny: there is no notebook\n"


def test_without_jupyter_it_exits_with_69_and_says_what_to_install(tiny: Tiny) -> None:
    said = tiny.run("notebook", "tiny", "start", "--candidate", "middle", code=69).err
    assert "Jupyter is not installed in the environment of `middle`" in said
    assert "-m pip install jupyterlab" in said


def test_a_model_or_a_candidate_that_is_not_there_is_a_usage_error(tiny: Tiny) -> None:
    assert "did you mean `tiny`?" in tiny.run("notebook", "tniy", "start", code=64).err
    assert "did you mean `middle`?" in tiny.run("notebook", "tiny", "start", "--candidate", "midle", code=64).err
