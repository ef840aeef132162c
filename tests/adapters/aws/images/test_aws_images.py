"""Images in AWS, by moto's ECR and the tables of the sagemaker-core that is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mlops_ci.adapters.files.snapshots import FolderSnapshots
from mlops_ci.errors import ProviderError
from mlops_ci.model import Framework
from mlops_ci.ports.jobs import CannotRun, Image, Software
from tests.adapters.aws.images.registry import ACCOUNT, HOST, PYTORCH, SKLEARN, Registry, images
from tests.executor.small_snapshots import SmallSnapshots
from tests.loopback import Fault

SKLEARN_12 = Software(Framework("sklearn", "1.2-1"), instance="ml.m5.large")
TORCH_25 = Software(Framework("pytorch", "2.5"), instance="ml.g5.xlarge", served_on=("ml.m5.large",))


def test_a_framework_is_sagemakers_image_by_the_digest_behind_its_tag(
    registry: Registry, snapshots: SmallSnapshots
) -> None:
    digest = registry.push("sagemaker-scikit-learn", "1.2-1-cpu-py3", "one", registry=SKLEARN)
    reference = f"{SKLEARN}.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn@{digest}"
    assert images(snapshots).resolve(SKLEARN_12) == Image(reference=reference, framework=SKLEARN_12.framework)
    assert images(snapshots).serving(SKLEARN_12) == ""
    assert registry.asked() == ["BatchGetImage"]


def test_a_tag_that_moved_is_another_image(registry: Registry, snapshots: SmallSnapshots) -> None:
    first = registry.push("churn", "1", "one")
    before = images(snapshots).resolve(Software(image="churn:1"))
    assert images(snapshots).resolve(Software(image="churn:1")) == before
    moved = registry.push("churn", "1", "two")
    assert moved != first
    assert images(snapshots).resolve(Software(image="churn:1")) == Image(reference=f"{HOST}/churn@{moved}")


@pytest.mark.parametrize("text", ["churn:1", f"{HOST}/churn:1"])
def test_an_image_of_ones_own_account_has_one_name_however_it_is_written(
    text: str, registry: Registry, snapshots: SmallSnapshots
) -> None:
    digest = registry.push("churn", "1", "one")
    assert images(snapshots).resolve(Software(image=text)) == Image(reference=f"{HOST}/churn@{digest}")


def test_a_digest_that_is_written_is_believed_and_ecr_is_not_asked(
    registry: Registry, snapshots: SmallSnapshots
) -> None:
    text = f"{HOST}/churn@sha256:{'0' * 64}"
    port = images(snapshots)
    assert port.resolve(Software(image=text)) == Image(reference=text)
    assert port.tags(Software(image=text)) == ()
    assert registry.asked() == []


def test_of_a_framework_that_serves_in_another_image_both_are_known(
    registry: Registry, snapshots: SmallSnapshots
) -> None:
    trains = registry.push("pytorch-training", "2.5.1-gpu-py311", "trains", registry=PYTORCH)
    serves = registry.push("pytorch-inference", "2.5.1-cpu-py311", "serves", registry=PYTORCH)
    port, host = images(snapshots), f"{PYTORCH}.dkr.ecr.us-east-1.amazonaws.com"
    assert port.tags(TORCH_25) == (
        f"{host}/pytorch-training:2.5.1-gpu-py311",
        f"{host}/pytorch-inference:2.5.1-cpu-py311",
    )
    found = port.resolve(TORCH_25)
    assert isinstance(found, Image)
    assert found.reference == f"{host}/pytorch-training@{trains}"
    assert port.serving(TORCH_25) == f"{host}/pytorch-inference@{serves}"


def test_what_serves_on_a_gpu_anywhere_is_the_image_for_gpus(snapshots: SmallSnapshots, registry: Registry) -> None:
    asked = Software(Framework("pytorch", "2.5"), served_on=("ml.m5.large", "ml.g4dn.xlarge"))
    assert [tag.rpartition(":")[2] for tag in images(snapshots).tags(asked)] == ["2.5.1-cpu-py311", "2.5.1-gpu-py311"]


def test_many_tags_cost_one_request_a_repository_and_one_command_asks_once(
    registry: Registry, snapshots: SmallSnapshots
) -> None:
    for number in range(5):
        for repository in ("churn", "fraud"):
            registry.push(repository, str(number), f"{repository} {number}")
    port = images(snapshots)
    tags = tuple(f"{repository}:{number}" for repository in ("churn", "fraud") for number in range(5))
    assert len(set(port.digests(tags))) == 10
    assert all(isinstance(port.resolve(Software(image=tag)), Image) for tag in tags)
    assert registry.asked() == ["BatchGetImage", "BatchGetImage"]


def test_more_tags_than_a_request_may_have_are_asked_for_in_several(
    registry: Registry, snapshots: SmallSnapshots
) -> None:
    digest = registry.push("churn", "149", "the last")
    found = images(snapshots).digests(tuple(f"churn:{number}" for number in range(150)))
    assert found == ("",) * 149 + (digest,)
    assert registry.asked() == ["BatchGetImage", "BatchGetImage"]


@pytest.mark.parametrize("image", ["churn:2", "nothing:1"])
def test_an_image_that_is_not_there_cannot_run(image: str, registry: Registry, snapshots: SmallSnapshots) -> None:
    registry.push("churn", "1", "one")
    found = images(snapshots).resolve(Software(image=image))
    hint = "push it, or name a tag that is there"
    assert found == CannotRun(f"there is no image `{image}` in ECR", hint, absent=image)
    assert images(snapshots).digests((image,)) == ("",)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("docker.io/library/python:3.11", "is none in ECR"),
        ("localhost:5000/churn:1", "is none in ECR"),
        ("Churn:1", "is none in ECR"),
        (f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/churn:1", "is in eu-west-1"),
    ],
)
def test_an_image_from_elsewhere_cannot_run(
    image: str, said: str, registry: Registry, snapshots: SmallSnapshots
) -> None:
    found = images(snapshots).resolve(Software(image=image))
    assert isinstance(found, CannotRun)
    assert said in found.summary
    assert registry.asked() == []


def test_a_right_that_is_missing_is_named_with_the_repository(registry: Registry, snapshots: SmallSnapshots) -> None:
    registry.push("churn", "1", "one")
    registry.server.fail("BatchGetImage", Fault.DENIED)
    with pytest.raises(ProviderError) as caught:
        images(snapshots).resolve(Software(image=f"{HOST}/churn:1"))
    assert "ecr:BatchGetImage" in caught.value.summary
    assert f"{HOST}/churn" in caught.value.summary


def test_what_the_tables_said_is_remembered_and_their_package_imported_once(
    registry: Registry, snapshots: SmallSnapshots, tmp_path: Path
) -> None:
    tags = images(snapshots).tags(SKLEARN_12)
    FolderSnapshots(tmp_path, "code").save("images.json", snapshots.kept["images.json"])
    script = f"""
import sys
from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.images.remembering import Tables
from mlops_ci.adapters.aws.images.resolving import AwsImages
from mlops_ci.adapters.files.snapshots import FolderSnapshots
from mlops_ci.adapters.local.installed import site_folders
from mlops_ci.model import Framework, Target
from mlops_ci.model.address import Address
from mlops_ci.ports.jobs import Software
from pathlib import Path
account = Account(Target("aws", kind="aws", region="us-east-1"), Address("store", "team/"))
tables = Tables(FolderSnapshots(Path({str(tmp_path)!r}), "code"), site_folders(sys.path))
found = AwsImages(account, tables).tags(Software(Framework("sklearn", "1.2-1"), instance="ml.m5.xlarge"))
assert found == {tags!r}, found
heavy = {{"boto3", "sagemaker", "sagemaker.core", "pandas"}} & set(sys.modules)
sys.exit(f"imported {{heavy}}" if heavy else 0)
"""
    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_another_sagemaker_core_is_asked_again(snapshots: SmallSnapshots, registry: Registry, tmp_path: Path) -> None:
    images(snapshots).tags(SKLEARN_12)
    kept = snapshots.kept["images.json"]
    snapshots.kept["images.json"] = kept.replace(b"1.2-1-cpu-py3", b"of-long-ago")
    assert images(snapshots).tags(SKLEARN_12)[0].endswith(":of-long-ago")
    (tmp_path / "sagemaker_core-9.9.9.dist-info").mkdir()
    assert images(snapshots, (tmp_path,)).tags(SKLEARN_12)[0].endswith(":1.2-1-cpu-py3")


def test_without_sagemaker_core_an_image_can_still_be_named(
    snapshots: SmallSnapshots, registry: Registry, tmp_path: Path
) -> None:
    registry.push("churn", "1", "one")
    port = images(snapshots, (tmp_path,))
    assert isinstance(port.resolve(Software(image="churn:1")), Image)
    found = port.resolve(SKLEARN_12)
    assert isinstance(found, CannotRun)
    assert "pip install 'mlops-ci[aws]'" in found.hint


def test_a_framework_without_an_image_of_its_own_is_installed_into_that_of_scikit_learn(
    registry: Registry, snapshots: SmallSnapshots
) -> None:
    (tag,) = images(snapshots).tags(Software())
    registry.push("sagemaker-scikit-learn", tag.rpartition(":")[2], "newest", registry=SKLEARN)
    found = images(snapshots).resolve(Software(Framework("lightgbm", "4.5"), requirements="polars"))
    plain = images(snapshots).resolve(Software())
    assert isinstance(found, Image)
    assert isinstance(plain, Image)
    assert (found.reference, found.requirements) == (plain.reference, "polars\nlightgbm==4.5.*\n")
