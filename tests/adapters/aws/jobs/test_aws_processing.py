"""Processing on SageMaker: the contract of jobs, and the outputs."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mlops_ci.errors import ProviderError
from mlops_ci.ports.jobs import Failed, FailureCause, Image, Input, Jobs, ProcessingJob, Succeeded
from mlops_ci.testing.aws.loopback import Loopback
from tests.adapters.aws.jobs.sites import a_place
from tests.adapters.local.test_processing import processor
from tests.adapters.local.workplace import BROKEN, ENDLESS, code
from tests.contracts.jobs import JobsContract, ended

GOOD = """
import os, shutil, sys
from tools.copying import copied
print("hello")
out = dict(word.split("=") for word in sys.argv[1:])
copied(out["raw"] + "/raw.csv", out["train"] + "/train.csv")
os.makedirs(os.environ["SM_PROCESSING_OUTPUT_TEST"] + "/deep")
copied(os.environ["SM_PROCESSING_INPUT_RAW"] + "/raw.csv", out["test"] + "/deep/test.csv")
"""
COPYING = "import shutil\ncopied = shutil.copyfile\n"
FILES = {"good.py": GOOD, "bad.py": BROKEN, "endless.py": ENDLESS, "idle.py": "pass", "tools/copying.py": COPYING}
P = "/opt/ml/processing"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., ProcessingJob]:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "raw.csv").write_text("a\n1\n")

    def made(
        entry: str, files: Mapping[str, str] = FILES, outputs: tuple[str, ...] = ("train", "test")
    ) -> ProcessingJob:
        arguments = (f"raw={P}/input/raw", f"train={P}/train", f"test={P}/test")
        raw = Input("raw", str(tmp_path / "raw"))
        return ProcessingJob(
            "churn", "processing", Image(), code(files), entry, arguments, (raw,), outputs, (("MY", "own"),), 60
        )

    return made


class TestProcessingOnSageMaker(JobsContract[ProcessingJob]):
    @pytest.fixture
    def jobs(self, aws: Loopback, tmp_path: Path) -> Jobs[ProcessingJob]:
        return a_place(tmp_path, FILES).site.processor()

    @pytest.fixture
    def good(self, make: Callable[..., ProcessingJob]) -> ProcessingJob:
        return make("good.py")

    @pytest.fixture
    def bad(self, make: Callable[..., ProcessingJob]) -> ProcessingJob:
        return make("bad.py")

    @pytest.fixture
    def endless(self, make: Callable[..., ProcessingJob]) -> ProcessingJob:
        return make("endless.py")


def test_the_same_outputs_give_the_same_bytes_here_and_there(
    aws: Loopback, tmp_path: Path, make: Callable[..., ProcessingJob]
) -> None:
    here, place = processor(tmp_path, FILES), a_place(tmp_path, FILES)
    there = place.site.processor()
    for jobs in (here, there):
        jobs.submit(make("good.py"), key="same-1")
        assert isinstance(ended(jobs, "same-1"), Succeeded)
    ours, theirs = here.collect("same-1"), there.collect("same-1")
    assert [output.name for output in theirs.artifacts] == ["log", "train", "test"]
    assert theirs.artifacts[1:] == ours.artifacts[1:]
    with tarfile.open(place.artifacts.fetch(theirs.digest("test") or "")) as archive:
        assert archive.getnames() == ["deep", "deep/test.csv"]


def test_what_the_code_requires_is_there_before_the_script_begins(
    aws: Loopback, tmp_path: Path, make: Callable[..., ProcessingJob]
) -> None:
    script = f"import tiny_dependency as t; open('{P}/train/x', 'w').write(t.WORD)"
    (tmp_path / "tiny" / "tiny_dependency").mkdir(parents=True)
    (tmp_path / "tiny" / "tiny_dependency" / "__init__.py").write_text("WORD = 'needed'\n")
    (tmp_path / "tiny" / "pyproject.toml").write_text(
        "[project]\nname = 'tiny-dependency'\nversion = '1'\n[build-system]\nrequires = ['setuptools']\n"
        "build-backend = 'setuptools.build_meta'\n"
    )
    files = {"needs.py": script, "requirements.txt": f"{tmp_path}/tiny\n"}
    jobs = a_place(tmp_path, files).site.processor()
    jobs.submit(make("needs.py", files, ("train",)), key="needs-1")
    assert isinstance(ended(jobs, "needs-1"), Succeeded), "\n".join(jobs.logs("needs-1", start=0))


def test_an_output_that_stays_empty_is_a_failure_that_names_it(
    aws: Loopback, tmp_path: Path, make: Callable[..., ProcessingJob]
) -> None:
    jobs = a_place(tmp_path, FILES).site.processor()
    jobs.submit(make("idle.py"), key="idle-1")
    found = ended(jobs, "idle-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.OUTPUT
    assert found.detail == "it left nothing in `/opt/ml/processing/train`"


def test_names_that_sagemaker_needs_itself_are_refused(
    aws: Loopback, tmp_path: Path, make: Callable[..., ProcessingJob]
) -> None:
    jobs = a_place(tmp_path, FILES).site.processor()
    with pytest.raises(ProviderError, match="cannot be called `input`"):
        jobs.submit(make("good.py", FILES, ("input",)), key="names-1")
