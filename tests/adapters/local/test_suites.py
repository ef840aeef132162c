"""The user's tests as a process on this machine."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from mlops_ci.adapters.local.suites import LocalUserTests, settings
from mlops_ci.errors import Interrupted, ProviderError
from mlops_ci.ports.suites import SuiteResult, UserTests
from tests.contracts.suites import LIGHT, UserTestsContract

HANGING = """
import os, pathlib, subprocess, sys, time

def test_hanging():
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pathlib.Path("child").write_text(str(child.pid))
    time.sleep(600)
"""


class TestLocalUserTests(UserTestsContract):
    @pytest.fixture
    def suites(self, project: Path) -> UserTests:
        return LocalUserTests(project, Path(sys.executable), os.environ)


def write(project: Path, text: str, name: str = "test_mine.py") -> tuple[str, ...]:
    (project / "tests").mkdir(exist_ok=True)
    if not (project / "setup.cfg").exists():
        (project / "pytest.ini").write_text(LIGHT)
    (project / "tests" / name).write_text(text)
    return ("tests",)


def run(suites: LocalUserTests, paths: tuple[str, ...]) -> SuiteResult:
    return suites.run(paths, model="churn", environment="staging", version=3, url="")


def ends(pid: int) -> bool:
    """Return whether a process ends, or is dead and only not waited for, within ten seconds."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


def test_tests_that_hang_are_ended_after_the_limit(tmp_path: Path) -> None:
    suites = LocalUserTests(tmp_path, Path(sys.executable), os.environ, max_seconds=0.2)
    with pytest.raises(ProviderError, match=r"longer than 0\.2 s"):
        run(suites, write(tmp_path, HANGING))


def test_ctrl_c_ends_the_tests_with_all_they_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    cancelled = lambda: child.exists() and bool(child.read_text())  # noqa: E731 - it is all there is to it
    suites = LocalUserTests(tmp_path, Path(sys.executable), os.environ, is_cancelled=cancelled)
    with pytest.raises(Interrupted):
        run(suites, write(tmp_path, HANGING))
    assert ends(int(child.read_text()))


def test_the_callers_pytest_variables_change_nothing(tmp_path: Path) -> None:
    variables = {**os.environ, "PYTEST_ADDOPTS": "--no-such-option", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    said = run(LocalUserTests(tmp_path, Path(sys.executable), variables), write(tmp_path, "def test_it():\n    pass\n"))
    assert said.passed == 1


def test_the_project_is_left_as_it_was(tmp_path: Path) -> None:
    paths = write(tmp_path, "def test_it():\n    pass\n")
    before = sorted(tmp_path.rglob("*"))
    run(LocalUserTests(tmp_path, Path(sys.executable), os.environ), paths)
    assert sorted(tmp_path.rglob("*")) == before


def test_settings_and_conftests_above_the_project_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "conftest.py").write_text("raise SystemExit('read')\n")
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    suites = LocalUserTests(project, Path(sys.executable), os.environ)
    assert run(suites, write(project, "def test_it():\n    pass\n")).passed == 1


def test_the_projects_own_settings_and_conftests_count(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[tool:pytest]\npython_functions = check_*\n")
    (tmp_path / "conftest.py").write_text("import pytest\n\n@pytest.fixture\ndef five():\n    return 5\n")
    said = run(
        LocalUserTests(tmp_path, Path(sys.executable), os.environ),
        write(tmp_path, "def check_it(five):\n    assert five == 5\n"),
    )
    assert (said.passed, said.failed) == (1, 0), said.lines


def test_settings_are_the_nearest_file_that_has_any(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    project = tmp_path / "sub"
    (project / "tests").mkdir(parents=True)
    assert settings(project, ("tests",)) is None
    (tmp_path / "tox.ini").write_text("[pytest]\n")
    assert settings(project, ("tests",)) == tmp_path / "tox.ini"
    (project / "pyproject.toml").write_text("[build-system]\n")
    assert settings(project, ("tests",)) == tmp_path / "tox.ini"
    (project / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    assert settings(project, ("tests",)) == project / "pyproject.toml"


def test_a_test_that_ends_the_process_is_an_error_and_no_success(tmp_path: Path) -> None:
    suites = LocalUserTests(tmp_path, Path(sys.executable), os.environ)
    paths = write(tmp_path, "import os\n\ndef test_good():\n    pass\n\ndef test_it():\n    os._exit(0)\n")
    with pytest.raises(ProviderError, match="pytest ended with exit code 0"):
        run(suites, paths)
    with pytest.raises(ProviderError, match="was ended by signal 9"):
        run(suites, write(tmp_path, "import os\n\ndef test_it():\n    os.kill(os.getpid(), 9)\n"))


def test_a_failing_teardown_of_a_failing_test_is_one_failed_test(tmp_path: Path) -> None:
    text = (
        "import pytest\n\n@pytest.fixture\ndef thing():\n    yield\n    raise OSError('in teardown')\n\n"
        "def test_it(thing):\n    assert False\n"
    )
    said = run(LocalUserTests(tmp_path, Path(sys.executable), os.environ), write(tmp_path, text))
    assert (said.passed, said.failed) == (0, 1)
    assert said.sentence.startswith("1 of 1 tests failed; first `test_it`: ")


def test_no_interpreter_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProviderError, match="could not be started"):
        run(LocalUserTests(tmp_path, tmp_path / "python", os.environ), ("tests",))
