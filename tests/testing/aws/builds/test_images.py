"""`docker` in a build: a stand-in that says so, and pushes what would be in the image."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_ci.testing.aws.builds.images import image_of, parted
from tests.testing.aws.builds.site import Site

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
MAKE = """
version: 0.2
phases:
  pre_build:
    commands:
      - aws ecr get-login-password --region $AWS_DEFAULT_REGION | docker login -u AWS --password-stdin {registry}
      - mkdir -p context && printf 'FROM python:3.11\\nCOPY . .\\n' >context/Dockerfile && echo "$WORDS" >context/words
  build:
    commands:
      - docker build -t own:1 --build-arg WORDS context
      - docker tag own:1 {registry}/{repository}:$WORDS
      - docker push {registry}/{repository}:$WORDS
"""


def build(site: Site, repository: str, words: str) -> dict[str, object]:
    project = site.project(MAKE.format(registry=REGISTRY, repository=repository))
    return site.built(project, environmentVariablesOverride=[{"name": "WORDS", "value": words}])


def test_an_image_is_pushed_into_ecr_under_a_digest_of_its_content(site: Site) -> None:
    ecr = site.clients["ecr"]
    ecr.create_repository(repositoryName="pushed")
    done = build(site, "pushed", "one")
    assert done["buildStatus"] == "SUCCEEDED", site.log(done)
    log = "\n".join(site.log(done))
    assert "loopback: this `docker` is a stand-in: no container is built or run" in log
    assert "Login Succeeded" in log
    (first,) = ecr.describe_images(repositoryName="pushed")["imageDetails"]
    assert first["imageTags"] == ["one"]
    assert first["imageDigest"] in log
    assert build(site, "pushed", "one")["buildStatus"] == "SUCCEEDED"
    assert len(ecr.describe_images(repositoryName="pushed")["imageDetails"]) == 1
    build(site, "pushed", "two")
    digests = {one["imageDigest"] for one in ecr.describe_images(repositoryName="pushed")["imageDetails"]}
    assert len(digests) == 2


def test_a_push_to_a_repository_that_is_not_there_fails_the_build(site: Site) -> None:
    done = build(site, "absent", "one")
    assert done["buildStatus"] == "FAILED"
    assert "RepositoryNotFoundException" in "\n".join(site.log(done))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("docker build .", "failed to read dockerfile"),
        ("touch Dockerfile; docker build .", "has no FROM"),
        ("docker push nothing:1", "An image does not exist locally with the tag: nothing:1"),
        ("docker run python:3.11 python", "it has no `run`"),
        ("true | docker login --password-stdin", "password is empty"),
    ],
)
def test_what_docker_or_its_stand_in_refuses_fails_the_build(site: Site, command: str, said: str) -> None:
    project = site.project(f"version: 0.2\nphases:\n  build:\n    commands: ['{command}']")
    done = site.built(project)
    assert done["buildStatus"] == "FAILED"
    assert said in "\n".join(site.log(done))


def test_an_image_follows_from_names_contents_bits_dockerfile_and_arguments(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = image_of(tmp_path, "FROM x", ("A=1",))
    assert first is not None
    assert first == image_of(tmp_path, "FROM x", ("A=1",))
    assert first.digest.startswith("sha256:")
    others = [image_of(tmp_path, "FROM y", ("A=1",)), image_of(tmp_path, "FROM x", ("A=2",))]
    (tmp_path / "a").chmod(0o755)
    others.append(image_of(tmp_path, "FROM x", ("A=1",)))
    (tmp_path / "a").write_text("2")
    others.append(image_of(tmp_path, "FROM x", ("A=1",)))
    (tmp_path / "a").rename(tmp_path / "b")
    others.append(image_of(tmp_path, "FROM x", ("A=1",)))
    assert len({image.digest for image in others if image is not None} | {first.digest}) == 6


def test_a_name_of_ecr_is_parted() -> None:
    place = parted(f"{REGISTRY}/team/model:v1")
    assert place is not None
    assert (place.registry, place.region, place.repository, place.tag) == (
        "123456789012", "us-east-1", "team/model", "v1",
    )  # fmt: skip
    assert parted("python:3.11") is None
