"""What goes wrong on the way: jobs, processes and endpoints fail; nothing is lost, nothing done twice."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from tests.e2e.slow import is_alive, serving, slow, starts, until
from tests.e2e.tiny import PROJECT, TRAIN, Tiny, clone

pytestmark = pytest.mark.e2e


def candidate(tiny: Tiny, name: str, script: str, more: str = "") -> None:
    tiny.write(f"src/train/{name}.py", script)
    tiny.write(
        f"candidates/{name}.yaml", f"format: 1\nscript: src/train/{name}.py\nhyperparameters: {{cut: 0.3}}\n{more}"
    )


def test_jobs_that_fail_in_every_way_are_told_and_the_others_go_on(tiny: Tiny, tmp_path: Path) -> None:
    candidate(tiny, "bad", 'print("the last words")\nraise SystemExit(3)\n')
    raiser = (
        'import os\nopen(os.environ["SM_OUTPUT_DIR"] + "/failure", "w").write("no more rows")\nraise SystemExit(7)\n'
    )
    candidate(tiny, "raiser", raiser)
    pid = tmp_path / "pid"
    hang = (
        f'import subprocess\nchild = subprocess.Popen(["sleep", "987"])\n'
        f'open("{pid}", "w").write(str(child.pid))\nchild.wait()\n'
    )
    candidate(tiny, "hang", hang, "resources: {max_runtime: 1}\n")
    candidate(tiny, "early", "import sys\nsys.exit(0)\n")
    candidate(tiny, "loud", 'for _ in range(20_000):\n    print("x" * 1023)\nraise SystemExit("too loud")\n')
    candidate(tiny, "needy", TRAIN, "requirements: src/train/needs.txt\n")
    tiny.write("src/train/needs.txt", "--no-index\nno-such-package-at-all==9.9\n")
    tiny.push("six ways to fail")
    done = tiny.run("run", code=69)
    for said in (
        "the last words",
        "no more rows",
        "ran longer than max_runtime",
        "left nothing in",
        "too loud",
        "no-such-package",
    ):
        assert said in done.err
    assert "hint: mlops-ci logs tiny --candidate bad" in done.err
    assert "not begun, because" in done.err
    assert not is_alive(int(pid.read_text()))
    entries = {e["candidate"]: e for e in tiny.run("leaderboard", "--json").json()["models"][0]["entries"]}
    assert {name for name, e in entries.items() if e["metrics"]} == {"low", "middle"}
    assert {entries[name]["state"] for name in ("bad", "raiser", "hang", "early", "loud", "needy")} == {"failed"}
    assert "the last words" in tiny.run("logs", "tiny", "--candidate", "bad").out
    assert len(tiny.run("logs", "tiny", "--candidate", "loud").out) < 20_000_000
    assert tiny.champion() is None


def test_a_mended_script_is_the_only_one_that_trains_again(tiny: Tiny) -> None:
    candidate(tiny, "bad", 'raise SystemExit("not yet")\n', "sources: [src/train/bad.py]\n")
    tiny.replace("candidates/low.yaml", "seed: 1", "seed: 1\nsources: [src/train/fit.py]")
    tiny.replace("candidates/middle.yaml", "seed: 1", "seed: 1\nsources: [src/train/fit.py]")
    tiny.push("one fails")
    tiny.run("run", code=1)
    assert tiny.attempts() == 3
    assert tiny.changes() == [("retrain", "bad")]
    tiny.write("src/train/bad.py", TRAIN)
    tiny.push("mended")
    assert tiny.changes() == [("retrain", "bad")]
    tiny.run("run")
    assert tiny.attempts() == 4
    assert tiny.champion()["candidate"] == "middle"


def test_serving_code_that_is_wrong_is_told_and_what_serves_goes_on(tiny: Tiny) -> None:
    tiny.run("run")
    good = tiny.read("src/serve/inference.py")
    answer = "return [1.0 if value > cut else 0.0 for value in values]"
    for wrong, said in (
        (good.replace(answer, "return [1.0]"), "75 rows, but the answer holds 1"),
        (good.replace("def model_fn", "def modell_fn"), "no function model_fn"),
        (good.replace("json.dumps(prediction)", "'what?'"), "not JSON"),
    ):
        tiny.write("src/serve/inference.py", wrong)
        tiny.push(said)
        done = tiny.run("run", code=1)
        assert said in done.err
        assert "hint: mlops-ci logs tiny" in done.err
    assert tiny.ask("production")[::2] == (200, "tiny/v1")
    # It evaluates, and does not come up: the old version goes on serving, and the reason is told.
    only_offline = (
        "def model_fn(model_dir):\n    import sys\n    if 'transform' not in ' '.join(sys.orig_argv):\n"
        "        raise RuntimeError('no disk here')"
    )
    tiny.write("src/serve/inference.py", good.replace("def model_fn(model_dir):", only_offline))
    tiny.push("cannot come up")
    done = tiny.run("run", code=69)
    assert "did not come up on `staging`; v1 goes on serving" in done.err
    assert "RuntimeError: no disk here" in done.err
    assert [tiny.ask(name)[2] for name in ("staging", "production")] == ["tiny/v1", "tiny/v1"]
    assert ("drift", "staging") in tiny.changes()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_jobs_and_the_next_run_goes_on(
    tiny: Tiny, tmp_path: Path, number: signal.Signals
) -> None:
    mark = tmp_path / "mark"
    slow(tiny, mark)
    running = tiny.start("run")
    until(lambda: starts(mark) == ["0.2", "0.45"] and tiny.run("leaderboard").out.count("trained") == 0)
    until(lambda: any((tiny.folder / ".mlops-ci/store/records/tiny").glob("evaluations~*")))
    running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in err
    assert "hint: type the command again" in err
    until(lambda: not is_alive(int((tmp_path / "pid-0.45").read_text())))
    assert tiny.changes() == [("retrain", "middle")]
    (tmp_path / "go").touch()
    tiny.run("run")
    assert starts(mark) == ["0.2", "0.45", "0.45"]
    assert tiny.champion()["candidate"] == "middle"


def test_a_killed_run_leaves_a_job_that_the_next_run_adopts(tiny: Tiny, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    slow(tiny, mark)
    running = tiny.start("run")
    until(lambda: starts(mark) == ["0.2", "0.45"])
    running.kill()
    running.communicate()
    assert is_alive(int((tmp_path / "pid-0.45").read_text()))
    assert "it is taken up again" in tiny.run("plan").out
    (tmp_path / "go").touch()
    tiny.run("run")
    assert starts(mark) == ["0.2", "0.45"]
    assert tiny.attempts() == 2
    assert tiny.changes() == []
    assert tiny.ask("production")[2] == "tiny/v1"


def test_two_runs_at_once_end_alike_and_train_nothing_twice(tiny: Tiny, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    slow(tiny, mark)
    both = (tiny.start("run"), tiny.start("run"))
    until(lambda: starts(mark) == ["0.2", "0.45"])
    (tmp_path / "go").touch()
    ends = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n".join(f"{out}\n{err}" for out, err in ends)
    assert starts(mark) == ["0.2", "0.45"]
    assert tiny.champion()["version"] == 1
    assert tiny.git("log", "--format=%s", "origin/main").count("Promote tiny") == 1
    assert tiny.changes() == []


def test_two_clones_promote_at_once_and_none_is_lost(tiny: Tiny, tmp_path: Path) -> None:
    other = clone(tiny, tmp_path / "other")
    both = (tiny, other)
    for each in both:
        each.run("train")
        each.run("evaluate")
    racing = [each.start("promote") for each in both]
    ends = [process.communicate(timeout=120) for process in racing]
    assert all("Traceback" not in err for _, err in ends)
    assert [process.returncode for process in racing] == [0, 0], ends
    tiny.git("fetch", "-q")
    assert tiny.git("log", "--format=%s", "origin/main").count("Promote tiny") == 1
    tags = tiny.git("ls-remote", "--tags", "--refs", "origin").splitlines()
    assert [line.split("/", 2)[-1] for line in tags] == ["tiny/v1"]


def test_endpoints_that_were_killed_come_back_on_their_ports(tiny: Tiny) -> None:
    tiny.run("run")
    urls = [tiny.environment_of(name)["url"] for name in ("staging", "production")]
    ended = serving(tiny)
    assert len(ended) == 4
    for pid in ended:
        os.kill(pid, signal.SIGKILL)
    assert tiny.environment_of("production")["state"] == "OutOfService"
    assert {action for action, _ in tiny.changes()} == {"redeploy"}
    # A byte of what they unpacked has changed meanwhile: it is not what is served.
    for unpacked in (tiny.folder / ".mlops-ci/packages").rglob("inference.py"):
        unpacked.chmod(0o644)
        unpacked.write_text(unpacked.read_text().replace("1.0 if", "0.5 if"))
    tiny.run("run")
    assert [tiny.environment_of(name)["url"] for name in ("staging", "production")] == urls
    assert tiny.ask("production") == (200, "[1.0]", "tiny/v1")
    assert tiny.changes() == []


def test_a_fixed_port_in_use_is_named_and_taken_once_it_is_free(tiny: Tiny) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        places = f"environments:\n  staging: {{port: {port}}}\n  production: {{}}\n"
        (tiny.folder / "mlops-ci.yaml").write_text(PROJECT + places)
        tiny.push("a fixed port")
        done = tiny.run("run", code=69)
        assert str(port) in done.err
        assert "hint:" in done.err
    tiny.run("run")
    assert tiny.environment_of("staging")["url"].endswith(f":{port}")
