"""What goes wrong on the way: jobs, processes, endpoints and stores fail; nothing is lost, nothing done twice."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.tiny import CANDIDATE, PROJECT, TRAIN, Tiny, clone

pytestmark = pytest.mark.e2e

GO = """\
import pathlib
import time

mark = pathlib.Path(given.mark)
mark.with_name(f"pid-{given.cut}").write_text(str(os.getpid()))
with mark.open("a") as starts:
    starts.write(f"{given.cut}\\n")
while given.cut > 0.4 and not mark.with_name("go").exists():
    time.sleep(0.02)
"""


def slow(tiny: Tiny, mark: Path) -> None:
    """Have `middle` train until the file `go` is beside `mark`; each training that starts adds a line to `mark`."""
    source = TRAIN.replace("parser.parse_args()\n", "parser.parse_args()\n" + GO)
    tiny.write("src/train/fit.py", source.replace("given =", 'parser.add_argument("--mark")\ngiven ='))
    for name, cut in (("low", 0.2), ("middle", 0.45)):
        tiny.write(f"candidates/{name}.yaml", CANDIDATE.format(cut=f'{cut}, mark: "{mark}"'))
    tiny.push("train slowly")


def until(claim: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until a claim is true; fail where it never is."""
    end = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be reaped does not."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip()) and not done.stdout.strip().startswith("Z")


def starts(mark: Path) -> list[str]:
    return sorted(mark.read_text().split()) if mark.exists() else []


def serving(tiny: Tiny) -> list[int]:
    """Return the processes that serve this project."""
    done = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True)
    place = f"{tiny.folder}/.mlops-ci/"
    return [int(line.split()[0]) for line in done.stdout.splitlines() if place in line and "mlops_ci.runtime" in line]


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


def test_a_changed_byte_in_the_store_is_refused_by_name(tiny: Tiny, tmp_path: Path) -> None:
    tiny.run("run")
    package = tiny.champion()["package"]
    said = (tiny.folder / f".mlops-ci/store/records/tiny/packages~{package}").read_text()
    digest = re.findall(r'"artifact": "(\w{64})"', said)[0]
    damaged = tiny.folder / f".mlops-ci/store/artifacts/sha256/{digest[:2]}/{digest}"
    whole = damaged.read_bytes()
    damaged.chmod(0o644)
    damaged.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    done = tiny.run("pull", "tiny", "--output", str(tmp_path / "pulled"), code=69)
    assert digest in done.err
    assert "hint:" in done.err.splitlines()[-1]
    assert not (tmp_path / "pulled").exists()
    tiny.run("destroy", "staging", "tiny", "--yes")
    shutil.rmtree(tiny.folder / ".mlops-ci/packages/" / package)
    done = tiny.run("run", code=69)
    assert digest in done.err
    assert tiny.ask("production") == (200, "[1.0]", "tiny/v1")
    damaged.write_bytes(whole)
    tiny.run("run")
    assert tiny.ask("staging") == (200, "[1.0]", "tiny/v1")
    (tmp_path / "pulled").mkdir()
    (tmp_path / "pulled/mine").touch()
    assert "not empty" in tiny.run("pull", "tiny", "--output", str(tmp_path / "pulled"), code=64).err
    (tmp_path / "file").touch()
    assert "cannot write" in tiny.run("pull", "tiny", "--output", str(tmp_path / "file/below"), code=69).err


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


def test_a_locally_edited_release_is_refused_and_nothing_is_lost(tiny: Tiny) -> None:
    tiny.run("run")
    place = tiny.folder / "pipelines/tiny/release.yaml"
    whole = place.read_text()
    tiny.replace("candidates/low.yaml", "0.2", "0.5")
    tiny.push("raise the cut")
    place.write_text(whole + "# mine\n")
    done = tiny.run("rollback", "production", "tiny", "--to", "v1", code=65)
    assert "error[edited-release]" in done.err
    assert "hint: git checkout HEAD -- pipelines/tiny/release.yaml" in done.err
    tiny.run("run", code=65)
    assert place.read_text() == whole + "# mine\n"
    tiny.git("checkout", "HEAD", "--", "pipelines/tiny/release.yaml")
    tiny.run("run")
    assert tiny.attempts() == 3
    assert tiny.champion()["version"] == 2


def test_records_that_are_damaged_or_misplaced_are_named_and_passed_over(tiny: Tiny) -> None:
    tiny.run("run")
    records = tiny.folder / ".mlops-ci/store/records/tiny"
    one = next(path for path in records.rglob("*") if path.name.startswith("gates~"))
    (records / "junk").write_text("{}")
    (records / "evaluations~moved").write_bytes(one.read_bytes())
    one.chmod(0o644)
    one.write_text("{not JSON")
    for verb in ("plan", "status", "history", "leaderboard"):
        done = tiny.run(verb, "--json")
        assert done.json()["format_version"] == 1
        assert done.err.count("warning[damaged-record]") == 3
        assert str(one.relative_to(records)) in done.err
        assert done.err.splitlines()[-1].startswith("hint: delete")
    assert tiny.changes() == []


@pytest.fixture
def small_disk(tiny: Tiny) -> Iterator[Path]:
    """A store on a disk of its own, of 64 KiB."""
    store = tiny.folder / ".mlops-ci/store"
    store.mkdir(parents=True)
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(store)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("only root may mount a disk")
    yield store
    tiny.end()
    subprocess.run(["umount", "-l", str(store)], check=True)


def test_a_full_and_then_a_read_only_store_lose_nothing(tiny: Tiny, small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(44_000))
    done = tiny.run("run", code=69)
    assert "No space left on device" in done.err
    assert "hint: the disk is full" in done.err
    (small_disk / "filler").unlink()
    subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
    tiny.run("run")
    assert tiny.attempts() == 2
    assert tiny.changes() == []
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for verb in ("plan", "status", "run"):
        tiny.run(verb)
    tiny.replace("candidates/low.yaml", "0.2", "0.5")
    tiny.push("raise the cut")
    assert "Read-only file system" in tiny.run("run", code=69).err
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    tiny.run("run")
    assert tiny.attempts() == 3
    assert tiny.ask("production")[2] == "tiny/v2"
