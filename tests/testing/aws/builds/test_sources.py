"""What a build builds, and the variables it has."""

from __future__ import annotations

import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from mlops_ci.testing.aws.buckets import Buckets
from mlops_ci.testing.aws.builds.sources import fetch
from tests.testing.aws.builds.site import Site, phases, spec

ARTIFACT_FREE = {"type": "NO_ARTIFACTS"}


def commit(repository: Path, name: str) -> str:
    done = subprocess.run(["git", "-C", str(repository), "rev-parse", name], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("version", "name", "words"),
    [("", "main", "on main"), ("topic", "topic", "on a branch"), ("main", "main", "on main")],
)
def test_a_branch_of_a_repository_of_this_machine_is_built(
    site: Site, repository: Path, version: str, name: str, words: str
) -> None:
    project = site.project(source={"type": "GITHUB", "location": f"file://{repository}"})
    build = site.built(project, **({"sourceVersion": version} if version else {}))
    assert build["buildStatus"] == "SUCCEEDED"
    assert site.log(build) == [words]
    assert build["resolvedSourceVersion"] == commit(repository, name)


def test_a_repository_of_this_machine_stands_for_one_of_github(repository: Path, tmp_path: Path) -> None:
    location = "https://github.com/owner/name.git"
    source = {"type": "GITHUB", "location": location}
    resolved = fetch(source, "", tmp_path / "src", Buckets("123456789012"), {location: str(repository)})
    assert resolved == commit(repository, "main")
    assert (tmp_path / "src" / "words.txt").read_text() == "on main\n"


def test_a_commit_of_a_file_address_is_checked_out(site: Site, repository: Path) -> None:
    text = spec(build=['cat words.txt; test "$(git rev-parse HEAD)" = "$CODEBUILD_RESOLVED_SOURCE_VERSION"'])
    project = site.project(text, source={"type": "CODECOMMIT", "location": f"file://{repository}"})
    build = site.built(project, sourceVersion=commit(repository, "topic"))
    assert build["buildStatus"] == "SUCCEEDED"
    assert site.log(build) == ["on a branch"]


def test_a_location_that_nothing_stands_for_is_told(site: Site) -> None:
    build = site.built(site.project(source={"type": "GITHUB", "location": "https://github.com/a/b.git"}))
    assert phases(build)["DOWNLOAD_SOURCE"] == "FAILED"
    assert "no repository of this machine stands for `https://github.com/a/b.git`" in str(build["phases"])


def test_a_zip_of_s3_is_unpacked_and_may_hold_another_buildspec(site: Site) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("ci/build.yml", "version: 0.2\nphases: {build: {commands: ['cat data/x']}}")
        archive.writestr("data/x", "from a zip\n")
    site.clients["s3"].put_object(Bucket="artifacts", Key="source.zip", Body=stream.getvalue())
    source = {"type": "S3", "location": "artifacts/source.zip", "buildspec": "ci/build.yml"}
    assert site.log(site.built(site.project(source=source))) == ["from a zip"]
    missing = site.built(site.project(source=source | {"location": "artifacts/none.zip"}))
    assert phases(missing)["DOWNLOAD_SOURCE"] == "FAILED"
    nothing = site.built(site.project(source=source | {"buildspec": "none.yml"}))
    assert "none.yml: no such file or directory" in str(nothing["phases"])


def test_variables_come_of_the_buildspec_the_project_and_the_call_the_last_winning(site: Site) -> None:
    site.clients["ssm"].put_parameter(Name="/ci/parameter", Value="stored", Type="SecureString")
    site.clients["secretsmanager"].create_secret(Name="ci/secret", SecretString='{"token": "hidden"}')
    text = """
version: 0.2
env:
  variables: {A: spec, B: spec, C: spec, T: true}
  parameter-store: {STORED: /ci/parameter}
  secrets-manager: {TOKEN: "ci/secret:token"}
  exported-variables: [MADE]
phases:
  build:
    commands:
      - echo $A $B $C $T $STORED $TOKEN
      - export MADE="by $CODEBUILD_INITIATOR"
"""
    environment = {
        "type": "LINUX_CONTAINER",
        "image": "any",
        "computeType": "BUILD_GENERAL1_SMALL",
        "environmentVariables": [{"name": "B", "value": "project"}, {"name": "C", "value": "project"}],
    }
    project = site.project(text, environment=environment)
    build = site.built(project, environmentVariablesOverride=[{"name": "C", "value": "call"}])
    assert site.log(build) == ["spec project call true stored hidden"]
    assert build["exportedEnvironmentVariables"] == [{"name": "MADE", "value": "by loopback"}]


def test_a_parameter_that_is_not_there_is_told(site: Site) -> None:
    text = "version: 0.2\nenv: {parameter-store: {X: /none}}\nphases: {build: {commands: [ls]}}"
    build = site.built(site.project(text))
    assert build["buildStatus"] == "FAILED"
    assert "parameter `/none` from Parameter Store: ParameterNotFound" in str(build["phases"])


def test_a_build_knows_who_it_is_and_sees_this_aws_and_no_other(site: Site) -> None:
    names = (
        "CODEBUILD_BUILD_ID",
        "CODEBUILD_BUILD_ARN",
        "CODEBUILD_BUILD_NUMBER",
        "CODEBUILD_PROJECT_ARN",
        "AWS_REGION",
    )
    told = "; ".join(f"echo ${name}" for name in names)
    seen = "python -c \"import boto3; print(boto3.client('sts').get_caller_identity()['Account'])\""
    project = site.project(spec(build=[told, 'test "$CODEBUILD_SRC_DIR" = "$PWD"', seen]))
    build = site.built(project)
    assert site.log(build) == [
        build["id"],
        build["arn"],
        "1",
        f"arn:aws:codebuild:us-east-1:123456789012:project/{project}",
        "us-east-1",
        "123456789012",
    ]
    assert site.built(project)["buildNumber"] == 2
