"""Nothing secret of the caller's environment ends in a record, a line of ours, a plan, or what the user's code sees."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.tiny import SERVE, TRAIN, USER_TEST, Tiny

pytestmark = pytest.mark.e2e

CANARY = "c4n4ry"
NAMES = (
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "MLFLOW_TRACKING_PASSWORD", "NPM_TOKEN",
    "DATABASE_URL", "MY_OWN_PASSWORD", "SSH_AUTH_SOCK",
)  # fmt: skip
SECRETS = {
    **{name: f"{CANARY}-{name.lower()}" for name in NAMES},
    "MLFLOW_TRACKING_URI": f"https://ada:{CANARY}-uri@mlflow.example.org",
    "PIP_INDEX_URL": f"http://ada:{CANARY}@127.0.0.1:1/simple",
}

TELLING = "import os\nprint(sorted(os.environ.items()))\n"
"""What a curious script does: everything that it sees goes to its log."""


def found(folder: Path) -> list[str]:
    """Return the files below a folder that hold the canary, packed or not; git's own are not ours."""
    named = []
    for base, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            place = Path(base, name)
            content = place.read_bytes()
            if content[:2] == b"\x1f\x8b":
                content += gzip.decompress(content)
            if CANARY.encode() in content:
                named.append(str(place.relative_to(folder)))
    return named


def test_the_loop_tells_no_secret_of_the_environment_to_anybody(tiny: Tiny) -> None:
    leaky = replace(tiny, environment=tiny.environment | SECRETS)
    leaky.write("src/train/fit.py", TELLING + TRAIN)
    leaky.write("src/serve/inference.py", TELLING + SERVE)
    leaky.write("src/metrics/worth.py", TELLING + "\n\ndef worth(rows):\n    return 1.0\n")
    leaky.replace(
        "model.yaml", "metrics: [recall]", "metrics: [recall, worth]\n  custom: {worth: {function: 'worth:worth'}}"
    )
    leaky.write("tests/test_large.py", TELLING + USER_TEST)
    leaky.push("curious scripts")
    said = [leaky.run("plan", "--json"), leaky.run("plan", "-v"), leaky.run("run", "-v"), leaky.run("plan", "--json")]
    said += [leaky.run("logs", "tiny", "--candidate", "low"), leaky.run("logs", "tiny", "--environment", "staging")]
    said += [leaky.run("doctor"), leaky.run("status"), leaky.run("history", "--json"), leaky.run("show", "tiny")]
    said += [leaky.run("plan", "-o", "saved.json"), leaky.run("show", "saved.json"), leaky.run("store", "check")]
    assert "SM_MODEL_DIR" in said[4].out, "the script did print what it saw"
    for one in said:
        assert CANARY not in one.out + one.err
    assert found(leaky.folder) == []


def test_a_variable_that_the_target_names_is_handed_to_training_and_tests_and_to_nobody_else(tiny: Tiny) -> None:
    project = tiny.folder / "mlops-ci.yaml"
    project.write_text(
        project.read_text().replace("local: {kind: local,", "local: {pass_environment: [MY_TOKEN], kind: local,")
    )
    tiny.write("src/train/fit.py", "import os\nassert os.environ['MY_TOKEN'] == 'yes'\n" + TRAIN)
    tiny.write("src/serve/inference.py", "import os\nassert 'MY_TOKEN' not in os.environ\n" + SERVE)
    tiny.write("tests/test_large.py", "import os\nassert os.environ['MY_TOKEN'] == 'yes'\n" + USER_TEST)
    tiny.push("a token")
    replace(tiny, environment=tiny.environment | {"MY_TOKEN": "yes", "OTHER": "no"}).run("run")


def test_a_password_in_the_address_of_a_remote_is_told_by_no_error(tiny: Tiny) -> None:
    tiny.git("remote", "set-url", "origin", f"http://ada:{CANARY}@127.0.0.1:1/tiny.git")
    for arguments in (["run"], ["promote"], ["deploy", "staging"], ["plan"], ["doctor"]):
        done = tiny.run(*arguments, code=None)
        assert CANARY not in done.out + done.err
    assert "127.0.0.1:1" in tiny.run("run", code=69).err
    hook = tiny.folder.parent / "origin.git/hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\necho 'http://ada:{CANARY}@example.org/x.git is closed' >&2\nexit 1\n")
    hook.chmod(0o755)
    tiny.git("remote", "set-url", "origin", f"file://{tiny.folder.parent}/origin.git")
    done = tiny.run("run", code=69)
    assert "is closed" in done.out + done.err
    assert CANARY not in done.out + done.err
    assert found(tiny.folder) == []


def test_a_password_in_the_address_of_an_index_is_told_by_no_error_and_no_log(tiny: Tiny) -> None:
    tiny.write("requirements.txt", "no-such-thing-as-this==1.0\n")
    for name in ("low", "middle"):
        tiny.write(f"candidates/{name}.yaml", tiny.read(f"candidates/{name}.yaml") + "requirements: requirements.txt\n")
    tiny.push("a requirement")
    leaky = replace(tiny, environment=tiny.environment | SECRETS | {"PIP_RETRIES": "0", "PIP_TIMEOUT": "1"})
    done = leaky.run("train", code=None)
    assert done.code != 0
    assert "no-such-thing-as-this" in done.out + done.err
    assert CANARY not in done.out + done.err
    assert found(tiny.folder) == []
