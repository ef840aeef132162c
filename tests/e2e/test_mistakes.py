"""What a newcomer types wrong: each mistake has its place, its exit code, and a next command to type."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.cli.main import main
from tests.e2e.tiny import MODEL, PROJECT, Done, Tiny, make

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """A project in which nothing ever runs, shared by the tests of this file: each leaves it as it was."""
    return make(tmp_path_factory.mktemp("mistakes") / "with space ü")


def piped(tiny: Tiny, command: str) -> Done:
    """Return a shell's end of a command in which `mlops-ci` is ours."""
    ours = f'"{sys.executable}" -m mlops_ci -C "{tiny.folder}"'
    done = subprocess.run(
        ["bash", "-c", command.replace("mlops-ci", ours)],
        env=tiny.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


MISTAKES = (
    ("model.yaml", "owner:", "ownr:", "unknown-key", "model.yaml:3:1", "did you mean `owner`?"),
    ("model.yaml", "label: large", "label: larg", "unknown-column", "model.yaml:8:10", "did you mean `large`?"),
    ("model.yaml", "metric: accuracy\n", "metric: rmse\n", "metric-unfit", "model.yaml:14:11", "`accuracy`"),
    ("model.yaml", "  latency:", "  skip: [pytest]\n  latency:", "", "", ""),
    ("model.yaml", "{}", "{promotes_from: production}", "environment-cycle", "model.yaml:28:", "delete one"),
    ("model.yaml", "from: staging", "from: staging, requires: [pytest]", "untested-environment", "", "`tests.skip`"),
    ("candidates/low.yaml", "fit.py", "fitt.py", "missing-file", "low.yaml:2:9", "src/train/fit.py"),
    ("candidates/middle.yaml", "seed: 1", "seed: one", "wrong-type", "middle.yaml:4:7", "mlops-ci validate"),
    ("release.yaml", "", "format: 1\nchampion: 3\n", "release-damaged", "release.yaml:2:11", "git revert"),
)


def test_every_mistake_in_the_files_is_told_at_once_and_at_its_place(plain: Tiny) -> None:
    before = {path: (plain.read(path) if old else "") for path, old, *_ in MISTAKES}
    try:
        for path, old, new, *_ in MISTAKES:
            plain.replace(path, old, new) if old else plain.write(path, new)
        done = plain.run("plan", code=65)
        for *_, code, place, hint in MISTAKES:
            assert f"error[{code}]" in done.err or not code
            assert place in done.err
            assert hint in done.err
        assert done.err.splitlines()[-1].startswith("hint: ")
        assert done.out == ""
    finally:
        _restore(plain, before)


@pytest.mark.parametrize(
    ("path", "old", "new", "code", "place", "hint"),
    [
        ("candidates/low.yaml", "seed: 1", "image: example.org/x:1", "cannot-run-here", "low.yaml:4:8", "`framework`"),
        ("data/tiny.csv", "", "", "no-rows", "model.yaml:7:9", "git checkout HEAD -- "),
        ("model.yaml", "min: 0.6", "min: 1.6", "threshold-range", "model.yaml:19:31", "did you mean 0.16?"),
    ],
)
def test_what_stops_a_plan_late_has_its_place_too(
    plain: Tiny, path: str, old: str, new: str, code: str, place: str, hint: str
) -> None:
    before = {path: plain.read(path)}
    try:
        plain.replace(path, old, new) if old else plain.write(path, new)
        done = plain.run("plan", code=65)
        assert f"error[{code}]" in done.err
        assert place in done.err
        assert done.err.splitlines()[-1].startswith("hint: ")
        assert hint in done.err.splitlines()[-1]
    finally:
        _restore(plain, before)


def _restore(tiny: Tiny, before: dict[str, str]) -> None:
    for path, text in before.items():
        if text:
            tiny.write(path, text)
        else:
            (tiny.folder / "pipelines/tiny" / path).unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("typed", "said", "hint"),
    [
        ("plam", "no verb `plam`", "did you mean `plan`?"),
        ("plan --jsn", "no option `--jsn`", "did you mean `--json`?"),
        ("plan --json --md", "not allowed with", "mlops-ci plan --help"),
        ("deploy", "required: ENV\n", "mlops-ci deploy --help"),
        ("-j none plan", "got `none`", "mlops-ci --help"),
        ("plan tinny", "no model `tinny`", "did you mean `tiny`?"),
        ("run plam.json", "no saved plan `plam.json`", "mlops-ci plan -o plam.json"),
        ("run plan.josn", "a saved plan's name ends with `.json`", "mlops-ci plan -o plan.json"),
        ("leaderboard --trials --compare low", "not allowed with argument --trials", "mlops-ci leaderboard --help"),
        ("leaderboard --every --trials", "not allowed with argument --every", "mlops-ci leaderboard --help"),
        ("show tinny", "`tinny` is no model", "did you mean `tiny`?"),
        ("show tiny", "no version of `tiny`", "mlops-ci run tiny"),
        ("pull tiny@v9", "no version `v9`", "mlops-ci history tiny"),
        ("logs tinny", "no model `tinny`", "did you mean `tiny`?"),
        ("logs tiny --environment stagin", "`stagin` serves nothing", "mlops-ci status"),
        ("train --candidate midle", "no candidate `midle`", "did you mean `middle`?"),
        ("train --replace --candidate midle", "no candidate `midle`", "did you mean `middle`?"),
        ("deploy stagin", "no environment `stagin`", "did you mean `staging`?"),
        ("rollback production", "wants MODEL", "mlops-ci rollback production --all"),
        ("rollback production tiny --to x", "`x` is no version", "mlops-ci rollback production tiny --to v1"),
        ("rollback production tiny", "serves nothing", "mlops-ci status"),
        ("destroy staging tiny", "without a terminal", "mlops-ci destroy staging tiny --yes"),
        ("--target mien plan", "no target `mien`", "did you mean `mine`?"),
        ("init --example chrun elsewhere", "no example `chrun`", "did you mean `churn`?"),
    ],
)  # fmt: skip
def test_a_mistyped_command_is_64_with_the_nearest_name(
    plain: Tiny, capsys: pytest.CaptureFixture[str], typed: str, said: str, hint: str
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main(["-C", str(plain.folder), *typed.split()]) == 64
    finally:
        signal.signal(signal.SIGTERM, before)
    out, err = capsys.readouterr()
    assert said in err
    assert err.splitlines()[-1].startswith("hint: ")
    assert hint in err.splitlines()[-1]
    assert out == ""


def test_a_saved_plan_whose_name_is_mistyped_is_named_by_its_own(plain: Tiny) -> None:
    plan = plain.folder / "plan.json"
    try:
        plan.write_text("{}")
        assert plain.run("run", "plan.josn", code=64).err.splitlines()[-1] == "hint: did you mean `plan.json`?"
    finally:
        plan.unlink()


@pytest.mark.parametrize("typed", ["plan", "status", "run", "store check", "store gc"])
def test_a_store_that_is_a_file_is_named_by_every_verb(plain: Tiny, typed: str) -> None:
    place = plain.folder / "mlops-ci.yaml"
    before = place.read_text()
    try:
        place.write_text(before.replace(".mlops-ci/store", "mlops-ci.yaml"))
        assert place.read_text() != before
        done = plain.run(*typed.split(), code=69)
        assert f"the store `{place}` is a file" in done.err
        assert done.err.splitlines()[-1] == "hint: move it away, or name a folder as `store` in mlops-ci.yaml"
        assert done.out == ""
    finally:
        place.write_text(before)


def test_a_project_without_models_says_that_there_are_none(plain: Tiny, tmp_path: Path) -> None:
    empty = Tiny(tmp_path / "empty", plain.environment)
    empty.folder.mkdir()
    empty.run("init")
    done = empty.run("run", "churn", code=64)
    assert "there is no model `churn`\n  there are no models\n" in done.err
    assert done.err.splitlines()[-1].startswith("hint: ")


def test_folders_that_are_no_project_say_what_to_type(plain: Tiny, tmp_path: Path) -> None:
    nowhere = Tiny(tmp_path / "nowhere", plain.environment)
    assert "no folder" in nowhere.run("plan", code=64).err
    nowhere.folder.mkdir()
    assert "hint: mlops-ci init --example churn" in nowhere.run("status", code=65).err
    (nowhere.folder / "mlops-ci.yaml").write_text(PROJECT)
    done = nowhere.run("plan", code=65)
    assert "error[no-git]" in done.err
    assert "hint: git init && git add -A && git commit" in done.err
    without = Tiny(plain.folder, {**plain.environment, "PATH": "/nonexistent"})
    assert "hint: install git" in without.run("plan", code=69).err


def test_a_repository_without_a_commit_plans_and_refuses_to_release(plain: Tiny, tmp_path: Path) -> None:
    unborn = make(tmp_path / "unborn")
    (unborn.folder / ".git").rename(tmp_path / "away")
    unborn.git("init", "-q", "-b", "main")
    assert "`main` has no commit yet" in unborn.run("plan").out
    assert "has no commit yet" in unborn.run("deploy", "staging", code=64).err
    for verb in ("status", "leaderboard", "history"):
        unborn.run(verb, "--json").json()


def test_a_remote_that_is_gone_is_named_with_gits_own_reason(plain: Tiny, tmp_path: Path) -> None:
    lone = make(tmp_path / "lone")
    (tmp_path / "lone/origin.git").rename(tmp_path / "gone.git")
    lone.run("plan")
    done = lone.run("run", code=69)
    assert "does not appear to be a git repository" in done.err
    assert "hint: git fetch origin main" in done.err


def test_a_project_in_a_subfolder_of_a_detached_shallow_clone_plans(tmp_path: Path) -> None:
    tiny = make(tmp_path / "tiny")
    mono = tmp_path / "mono"
    subprocess.run(["git", "init", "-q", "-b", "main", str(mono)], env=tiny.environment, check=True)
    (mono / "deep").mkdir()
    (tiny.folder / ".git").rename(tmp_path / "away")
    tiny.folder.rename(mono / "deep/ml é project")
    whole = Tiny(mono / "deep/ml é project", tiny.environment)
    whole.commit("all")
    there = tmp_path / "shallow"
    whole.git("clone", "-q", "--depth", "1", f"file://{mono}", str(there))
    clone = Tiny(there / "deep/ml é project", tiny.environment)
    clone.git("checkout", "-q", "--detach")
    assert clone.changes() == [("new", "low"), ("new", "middle")]
    below = Tiny(clone.folder / "pipelines/tiny/src", tiny.environment)
    assert below.changes() == clone.changes()


def test_data_goes_to_stdout_and_talk_to_stderr(plain: Tiny) -> None:
    plain.write("model.yaml", MODEL.replace("{promotes_from: staging}", "{}"))
    try:
        done = piped(plain, "mlops-ci plan --json | python3 -m json.tool; exit ${PIPESTATUS[1]}")
        assert done.code == 0
        assert json.loads(done.out)["format_version"] == 1
        assert "warning[untested-environment]" in done.err
        assert "\x1b" not in done.out + done.err
        assert plain.run("-q", "plan").err == ""
    finally:
        plain.write("model.yaml", MODEL)
    for verb in ("plan", "status", "leaderboard", "history", "validate", "doctor"):
        assert plain.run(verb, "--json").json()["format_version"] == 1


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("mlops-ci plan --detailed-exitcode | true; exit ${PIPESTATUS[0]}", 2),
        ("mlops-ci --help | true; exit ${PIPESTATUS[0]}", 0),
        ("mlops-ci plan tinny 2>&1 | true; exit ${PIPESTATUS[0]}", 64),
        ("mlops-ci plan >&-", 0),
        ("mlops-ci plan 2>&-", 0),
        ("mlops-ci destroy staging --all <&-", 64),
        ("PYTHONIOENCODING=ascii mlops-ci plan", 0),
    ],
)
def test_a_stream_that_is_closed_or_poor_changes_no_exit_code(plain: Tiny, command: str, code: int) -> None:
    assert piped(plain, command).code == code


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")  # noqa: PTH110
def test_a_full_disk_under_stdout_is_69(plain: Tiny) -> None:
    done = piped(plain, "mlops-ci plan > /dev/full")
    assert done.code == 69
    assert done.err.splitlines()[-1] == "hint: mlops-ci doctor"


def test_an_interrupt_while_starting_is_130(plain: Tiny) -> None:
    process = plain.start("plan")
    assert process.stderr is not None
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert "Traceback" not in err
    assert process.returncode in {
        130,
        -15,
        0,
    }  # before our first line nobody can answer for it; after the last it is done
