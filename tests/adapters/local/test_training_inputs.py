"""What a training begins with: code that is what it was, and inputs that stay what they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.adapters.local.training import local_trainer
from mlops_ci.errors import InputsMoved, ProviderError
from mlops_ci.ports.jobs import Code, CodeFile, Image, Input, Succeeded, TrainingJob
from tests.adapters.local.workplace import HELLO, code, environments, trainer, training, tree, workshop
from tests.contracts.jobs import ended


def test_code_that_was_edited_since_starts_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    jobs = trainer(tmp_path, HELLO)
    name = training(HELLO).entry
    moved = local_trainer(workshop(tmp_path), environments(tmp_path), lambda: tree({name: HELLO + "#"}))
    with pytest.raises(InputsMoved) as caught:
        moved.submit(training(HELLO), key="k-1")
    assert f"src/{name}" in caught.value.summary
    assert moved.status("k-1") is None
    assert [path.name for path in (tmp_path / "jobs").rglob("*")] == [".staging"]
    jobs.submit(training(HELLO), key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded)


def test_code_that_is_gone_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputsMoved, match="is gone"):
        trainer(tmp_path).submit(training(HELLO), key="k-1")


def test_code_cannot_leave_its_folder(tmp_path: Path) -> None:
    job = training(HELLO)
    outside = Code((CodeFile("../../escape.py", job.code.files[0].origin, job.code.files[0].blob),), "d")
    with pytest.raises(ProviderError, match="leaves the code folder"):
        trainer(tmp_path, HELLO).submit(
            TrainingJob("m", "c", Image(), outside, "x", (), (), (), job.resources), key="k-1"
        )


def test_modules_beside_the_script_are_imported_from_subfolders_too(tmp_path: Path) -> None:
    files = {"train.py": "from lib.save import save; save()", "lib/save.py": f"def save():\n    {HELLO}"}
    jobs = local_trainer(workshop(tmp_path), environments(tmp_path), lambda: tree(files))
    job = training("")
    jobs.submit(TrainingJob("m", "c", Image(), code(files), "train.py", (), (), (), job.resources), key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded), list(jobs.logs("k-1", start=0))


def test_a_job_that_writes_to_its_input_does_not_reach_the_original(tmp_path: Path, channel: Input) -> None:
    script = HELLO + "; open(os.environ['SM_CHANNEL_TRAIN'] + '/train.csv', 'w').write('spoiled')"
    jobs = trainer(tmp_path, script)
    jobs.submit(training(script, channels=(channel,)), key="k-1")
    assert isinstance(ended(jobs, "k-1"), Succeeded)
    assert (Path(channel.location) / "train.csv").read_text() == "a,b\n1,2\n"


@pytest.mark.parametrize("location", ["/nowhere/at/all", "s3://bucket/train"])
def test_an_input_that_is_not_here_is_a_provider_error(tmp_path: Path, location: str) -> None:
    with pytest.raises(ProviderError, match="input `train`"):
        trainer(tmp_path, HELLO).submit(training(HELLO, channels=(Input("train", location),)), key="k-1")
