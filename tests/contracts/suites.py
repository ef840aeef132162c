"""What every implementation of `UserTests` does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_ci.errors import ProviderError
from mlops_ci.ports.suites import SuiteResult, UserTests
from tests.executor.checks.small_endpoint import serving, well

LIGHT = "[pytest]\naddopts = -p no:hypothesispytest -p no:xdist\n"
"""Settings without our own development plugins, which cost more to import than these tests to run."""

PASSING = """
import os, sys

def test_the_endpoint_is_the_one_that_was_named(endpoint):
    assert (endpoint.model, endpoint.environment, endpoint.version) == ("churn", "staging", "churn/v3")
    assert endpoint.invoke([[150, "no"]]).version == endpoint.version

def test_there_is_nothing_to_read():
    assert sys.__stdin__.read() == ""
"""
FAILING = """
def test_good():
    pass

def test_bad():
    assert 1 == 2, "one is not two"

def test_also_bad(no_such_fixture):
    pass
"""


class UserTestsContract:
    """Subclass it with a fixture `suites` that runs tests of `project`."""

    @pytest.fixture
    def suites(self, project: Path) -> UserTests:
        raise NotImplementedError

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        (tmp_path / "pipelines/churn/tests").mkdir(parents=True)
        (tmp_path / "pipelines/churn/model.yaml").touch()
        (tmp_path / "pytest.ini").write_text(LIGHT)
        return tmp_path

    @pytest.fixture
    def url(self) -> Iterator[str]:
        with serving(well) as address:
            yield address

    def say(self, suites: UserTests, project: Path, text: str, url: str) -> SuiteResult:
        (project / "pipelines/churn/tests/test_mine.py").write_text(text)
        return suites.run(("pipelines/churn/tests",), model="churn", environment="staging", version=3, url=url)

    def test_passing_tests_are_counted(self, suites: UserTests, project: Path, url: str) -> None:
        said = self.say(suites, project, PASSING, url)
        assert (said.passed, said.failed, said.sentence) == (2, 0, "2 of 2 tests passed"), said.lines

    def test_the_first_failure_is_named_with_its_message(self, suites: UserTests, project: Path, url: str) -> None:
        said = self.say(suites, project, FAILING, url)
        assert (said.passed, said.failed) == (1, 2)
        assert said.sentence.startswith("2 of 3 tests failed; first `test_bad`: AssertionError: one is not two")
        assert any("1 == 2" in line for line in said.lines)

    def test_no_tests_are_no_success(self, suites: UserTests, project: Path, url: str) -> None:
        said = self.say(suites, project, "x = 1\n", url)
        assert (said.passed, said.failed) == (0, 0)
        assert said.sentence == "no tests were found in `pipelines/churn/tests`"

    def test_skipped_tests_are_no_success_and_are_told(self, suites: UserTests, project: Path, url: str) -> None:
        skipping = "import pytest\n\n@pytest.mark.skip(reason='some day')\ndef test_it():\n    pass\n"
        said = self.say(suites, project, skipping, url)
        assert (said.passed, said.failed, said.sentence) == (0, 0, "no test ran, 1 skipped; first `test_it`: some day")
        said = self.say(suites, project, f"{skipping}\ndef test_other():\n    pass\n", url)
        assert said.sentence == "1 of 1 tests passed, 1 skipped"

    def test_a_file_that_cannot_be_read_is_an_error(self, suites: UserTests, project: Path, url: str) -> None:
        with pytest.raises(ProviderError, match=r"could not be collected: .*no_such_module"):
            self.say(suites, project, "import no_such_module\n", url)

    def test_a_path_that_does_not_exist_is_an_error(self, suites: UserTests, project: Path, url: str) -> None:
        with pytest.raises(ProviderError, match=r"exit code 4: .*nowhere"):
            suites.run(("pipelines/churn/nowhere",), model="churn", environment="staging", version=3, url=url)

    def test_tests_of_a_batch_model_run_without_an_endpoint(self, suites: UserTests, project: Path) -> None:
        said = self.say(suites, project, "def test_it():\n    pass\n", "")
        assert (said.passed, said.failed) == (1, 0)
