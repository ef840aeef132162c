"""Processing here, under SageMaker's container contract."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from mlops_ci.adapters.local.jobs import LocalJobs
from mlops_ci.adapters.local.processing import local_processor
from mlops_ci.adapters.local.workshop import OptMl
from mlops_ci.errors import InputsMoved, ProviderError
from mlops_ci.ports.jobs import Failed, FailureCause, Image, Input, Jobs, ProcessingJob, Succeeded
from tests.adapters.local.namespaces import both
from tests.adapters.local.workplace import BROKEN, ENDLESS, code, environments, tree, workshop
from tests.contracts.jobs import JobsContract, ended

GOOD = """
import os, sys, json
print("hello")
out = dict(word.split("=") for word in sys.argv[1:])
for name in ("train", "test"):
    with open(os.path.join(out[name], name + ".csv"), "w") as stream:
        stream.write(open(os.path.join(out["raw"], "raw.csv")).read())
with open(os.path.join(os.environ["SM_PROCESSING_OUTPUT_TRAIN"], "told.json"), "w") as stream:
    config = os.path.join(os.environ["SM_PROCESSING_DIR"], "..", "config", "processingjobconfig.json")
    told = dict(argv=sys.argv, env=dict(os.environ), config=json.load(open(config)), cwd=os.getcwd())
    json.dump(told, stream)
"""
FILES = {"good.py": GOOD, "bad.py": BROKEN, "endless.py": ENDLESS}
P = "/opt/ml/processing"


def processor(root: Path, files: Mapping[str, str] = FILES, opt_ml: OptMl = OptMl.NEVER) -> LocalJobs[ProcessingJob]:
    return local_processor(workshop(root, opt_ml=opt_ml), environments(root), lambda: tree(files))


@pytest.fixture
def raw(tmp_path: Path) -> Input:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "raw.csv").write_text("a\n1\n")
    return Input("raw", str(tmp_path / "raw"))


@pytest.fixture
def make(raw: Input) -> Callable[[str], ProcessingJob]:
    def made(entry: str) -> ProcessingJob:
        arguments = (f"raw={P}/input/raw", f"train={P}/train", f"test={P}/test")
        return ProcessingJob(
            "churn",
            "processing",
            Image(),
            code(FILES),
            entry,
            arguments,
            (raw,),
            ("train", "test"),
            (("MY", "own"),),
            60,
        )

    return made


class TestProcessing(JobsContract[ProcessingJob]):
    @pytest.fixture
    def jobs(self, tmp_path: Path) -> Jobs[ProcessingJob]:
        return processor(tmp_path, opt_ml=OptMl.WHERE_POSSIBLE)

    @pytest.fixture
    def good(self, make: Callable[[str], ProcessingJob]) -> ProcessingJob:
        return make("good.py")

    @pytest.fixture
    def bad(self, make: Callable[[str], ProcessingJob]) -> ProcessingJob:
        return make("bad.py")

    @pytest.fixture
    def endless(self, make: Callable[[str], ProcessingJob]) -> ProcessingJob:
        return make("endless.py")


def told(root: Path, jobs: Jobs[ProcessingJob], key: str) -> dict[str, Any]:
    digest = jobs.collect(key).digest("train")
    assert digest
    with tarfile.open(root / "store" / "artifacts" / "sha256" / digest[:2] / digest) as archive:
        assert archive.getnames() == ["told.json", "train.csv"]
        found = archive.extractfile("told.json")
        assert found
        content: dict[str, Any] = json.load(found)
        return content


@both
def test_a_script_sees_its_inputs_outputs_code_and_configuration(
    tmp_path: Path, make: Callable[[str], ProcessingJob], opt_ml: OptMl
) -> None:
    jobs = processor(tmp_path, opt_ml=opt_ml)
    jobs.submit(make("good.py"), key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded), list(jobs.logs("k-1", start=0))
    found = told(tmp_path, jobs, "k-1")
    root = P if opt_ml is OptMl.WHERE_POSSIBLE else str(tmp_path / "jobs" / "k-1" / "ml" / "processing")
    assert found["argv"][0] == f"{root}/input/code/good.py"
    assert found["argv"][1:] == [f"raw={root}/input/raw", f"train={root}/train", f"test={root}/test"]
    assert found["cwd"] == f"{root}/input/code"
    assert found["env"]["SM_PROCESSING_DIR"] == root
    assert found["env"]["SM_PROCESSING_INPUT_RAW"] == f"{root}/input/raw"
    assert found["env"]["SM_PROCESSING_OUTPUT_TEST"] == f"{root}/test"
    assert found["env"]["MY"] == "own"
    assert found["config"]["ProcessingJobName"] == "k-1"
    assert found["config"]["ProcessingInputs"] == [{"Name": "raw", "LocalPath": f"{P}/input/raw"}]
    assert {output.name for output in jobs.collect("k-1").artifacts} == {"log", "train", "test"}


def test_the_same_files_give_the_same_archives(tmp_path: Path, raw: Input) -> None:
    files = {"p.py": "import os; open(os.environ['SM_PROCESSING_OUTPUT_TRAIN'] + '/a', 'w').write('x')"}
    jobs = processor(tmp_path, files)
    job = ProcessingJob("m", "processing", Image(), code(files), "p.py", (), (raw,), ("train",), (), 60)
    for key in ("a-1", "b-1"):
        jobs.submit(job, key=key)
        assert isinstance(ended(jobs, key), Succeeded)
    assert jobs.collect("a-1").digest("train") == jobs.collect("b-1").digest("train")


def test_an_output_left_empty_fails_the_job_and_is_named(tmp_path: Path, raw: Input) -> None:
    files = {"p.py": "pass"}
    jobs = processor(tmp_path, files)
    jobs.submit(ProcessingJob("m", "p", Image(), code(files), "p.py", (), (raw,), ("train",), (), 60), key="k-1")
    found = ended(jobs, "k-1")
    assert isinstance(found, Failed)
    assert found.cause is FailureCause.OUTPUT
    assert f"`{P}/train`" in found.detail


@pytest.mark.parametrize(("inputs", "outputs"), [(("code",), ("train",)), ((), ("input",))])
def test_names_that_the_contract_needs_itself_are_refused(
    tmp_path: Path, raw: Input, inputs: tuple[str, ...], outputs: tuple[str, ...]
) -> None:
    given = tuple(Input(name, raw.location) for name in inputs)
    job = ProcessingJob("m", "p", Image(), code(FILES), "good.py", (), given, outputs, (), 60)
    with pytest.raises(ProviderError):
        processor(tmp_path).submit(job, key="k-1")


def test_edited_code_starts_nothing(tmp_path: Path, make: Callable[[str], ProcessingJob]) -> None:
    with pytest.raises(InputsMoved):
        processor(tmp_path, {**FILES, "good.py": "pass"}).submit(make("good.py"), key="k-1")
