"""Images of Dockerfiles, by the loopback's CodeBuild: it runs the buildspec, with a stand-in for docker."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from mlops_ci import resources
from mlops_ci.adapters.aws.account import Account, Clients
from mlops_ci.adapters.aws.images.building import CodeBuilds
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.errors import InputsMoved, JobFailed
from mlops_ci.executor.building import Built, build, building_of
from mlops_ci.executor.world import World
from mlops_ci.model import Candidate, Target, Tree
from mlops_ci.model.address import Address
from mlops_ci.ports.builds import Building, BuildState
from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.trees import MemoryTree
from tests.executor.small import small
from tests.factories import a_model

CLIENTS = Clients("us-east-1")
FILES = {"pipelines/churn/docker/Dockerfile": b"FROM scratch\nCOPY . /code\n", "pipelines/churn/src/train/t.py": b"1"}


def building(files: dict[str, bytes], name: str = "") -> tuple[Building, MemoryTree]:
    """Return what the candidate of these files builds, in a repository of its own."""
    tree = MemoryTree(files)
    candidate = Candidate("trees", script="src/train/t.py", dockerfile="docker/Dockerfile")
    found = building_of(tree, replace(a_model(), name="churn", folder="pipelines/churn"), candidate)
    return (replace(found, repository=name) if name else found), tree


def builds(tree: Tree) -> CodeBuilds:
    """Return a builder with a store of its own."""
    name = f"store-{uuid.uuid4().hex}"
    CLIENTS.of("s3").create_bucket(Bucket=name)
    address = Address(name, "team/")
    role = "arn:aws:iam::123456789012:role/ml"
    account = Account(Target("aws", "aws", str(address), region="us-east-1", role=role), address, CLIENTS)
    spec = (resources.folder("buildspecs") / "image.yml").read_text()
    return CodeBuilds(account, Bucket(address), lambda: tree, spec)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return small(tmp_path).world


@pytest.fixture
def repository() -> str:
    return f"mlops-ci/{uuid.uuid4().hex}"


def test_an_image_is_built_once_and_known_by_its_digest(aws: Loopback, world: World, repository: str) -> None:
    asked, tree = building(FILES, repository)
    builder = builds(tree)
    told: list[str] = []
    first = build(replace(world, builder=builder), asked, told.append)
    assert first.reference.startswith(f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{repository}@sha256:")
    assert not first.was_known
    assert any("docker push" in line for line in told)
    again = build(replace(world, builder=builder), asked, told.append)
    assert again == Built("trees", first.reference, was_known=True)
    assert len(CLIENTS.of("codebuild").list_builds_for_project(projectName=builder.project)["ids"]) == 1


def test_the_repository_has_tags_that_never_move_and_is_scanned_and_the_project_can_run_docker(
    aws: Loopback, world: World, repository: str
) -> None:
    asked, tree = building(FILES, repository)
    builder = builds(tree)
    build(replace(world, builder=builder), asked, lambda line: None)
    (found,) = CLIENTS.of("ecr").describe_repositories(repositoryNames=[repository])["repositories"]
    assert found["imageTagMutability"] == "IMMUTABLE"
    assert found["imageScanningConfiguration"] == {"scanOnPush": True}
    (project,) = CLIENTS.of("codebuild").batch_get_projects(names=[builder.project])["projects"]
    assert project["environment"]["privilegedMode"] is True
    assert project["serviceRole"] == "arn:aws:iam::123456789012:role/ml"
    store = str(builder.account.address)
    assert {"key": "mlops-ci:store", "value": store} in project["tags"]


def test_other_bytes_of_a_source_or_of_the_dockerfile_are_another_image() -> None:
    tags = [building(FILES)[0].tag]
    for path in FILES:
        tags.append(building({**FILES, path: FILES[path] + b"#"})[0].tag)  # noqa: PERF401 - reads as the sentence does
    assert len({*tags}) == 3
    assert building({**FILES, "pipelines/churn/src/serve/s.py": b"2"})[0].tag == tags[0]


def test_a_dockerfile_that_cannot_be_built_shows_the_end_of_the_log(
    aws: Loopback, world: World, repository: str
) -> None:
    asked, tree = building({**FILES, "pipelines/churn/docker/Dockerfile": b"nothing\n"}, repository)
    builder = builds(tree)
    with pytest.raises(JobFailed) as caught:
        build(replace(world, builder=builder), asked, lambda line: None)
    assert "has no FROM" in caught.value.detail
    assert builder.find(asked) == ""


def test_a_build_that_runs_is_taken_up_and_not_begun_again(aws: Loopback, repository: str) -> None:
    asked, tree = building(FILES, repository)
    builder, gate = replace(builds(tree), buildspec="version: 0.2\nphases: {build: {commands: [sleep 5]}}"), []
    try:
        gate = [builder.start(asked), builder.start(asked)]
        assert gate[0] == gate[1]
        other, _ = building({**FILES, "pipelines/churn/src/train/t.py": b"2"}, repository)
        with pytest.raises(InputsMoved):
            builder.start(other)
    finally:
        CLIENTS.of("codebuild").stop_build(id=gate[0])
        while builder.state(gate[0]) is BuildState.RUNNING:
            threading.Event().wait(0.05)


def test_the_archive_of_the_same_files_is_the_same_bytes(aws: Loopback, repository: str) -> None:
    asked, tree = building(FILES, repository)
    places = {builder._sent(asked).partition("/")[2] for builder in (builds(tree), builds(tree))}
    assert len(places) == 1
