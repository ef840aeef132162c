"""Batch builds as CodeBuild's API tells about them."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mlops_ci.testing.aws.builds.batch_tasks import BatchError, tasks_of
from tests.testing.aws.builds.site import Site, spec

CONFIG = {"serviceRole": "arn:aws:iam::123456789012:role/batches", "timeoutInMins": 60}


def ended(site: Site, batch: str, within: float = 30) -> dict[str, Any]:
    """Return a batch that has ended."""
    until = time.monotonic() + within
    while True:
        (found,) = site.clients["codebuild"].batch_get_build_batches(ids=[batch])["buildBatches"]
        if found["complete"]:
            return dict(found)
        assert time.monotonic() < until, found
        time.sleep(0.02)


def started(site: Site, batch: dict[str, Any], text: str, **given: Any) -> str:  # noqa: ANN401 - JSON of the API
    whole = json.dumps({"version": 0.2, "batch": batch, "phases": {"build": {"commands": [text]}}})
    project = site.project(whole, buildBatchConfig=CONFIG)
    found: str = site.clients["codebuild"].start_build_batch(projectName=project, **given)["buildBatch"]["id"]
    return found


def task(name: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - YAML
    return {"identifier": name, "env": {"variables": {"NAME": name}}, **more}


def test_each_task_is_a_build_with_its_own_variables_and_one_failure_fails_the_batch(site: Site) -> None:
    batch = started(site, {"build-list": [task("one"), task("two")]}, 'echo "$NAME"; test "$NAME" = one')
    found = ended(site, batch)
    assert found["buildBatchStatus"] == "FAILED"
    states = {one["identifier"]: one["currentBuildSummary"] for one in found["buildGroups"]}
    assert {name: one["buildStatus"] for name, one in states.items()} == {"one": "SUCCEEDED", "two": "FAILED"}
    assert site.log(site.look(states["one"]["arn"])) == ["one"]
    assert batch not in site.clients["codebuild"].list_build_batches_for_project(
        projectName=found["projectName"], filter={"status": "IN_PROGRESS"}
    )["ids"]  # fmt: skip


def test_what_depends_on_a_failed_task_is_not_started_and_an_ignored_failure_is_none(site: Site) -> None:
    graph = [task("first", **{"ignore-failure": True}), task("second", **{"depend-on": ["first"]})]
    found = ended(site, started(site, {"build-graph": graph}, "exit 1"))
    assert found["buildBatchStatus"] == "FAILED"
    assert "currentBuildSummary" not in found["buildGroups"][1]
    alone = ended(site, started(site, {"build-list": [task("first", **{"ignore-failure": True})]}, "exit 1"))
    assert alone["buildBatchStatus"] == "SUCCEEDED"


def test_a_batch_is_stopped_with_its_builds(site: Site) -> None:
    batch = started(site, {"build-list": [task("one")]}, "sleep 60")
    site.clients["codebuild"].stop_build_batch(id=batch)
    assert ended(site, batch)["buildBatchStatus"] == "STOPPED"


def test_a_project_without_a_configuration_for_batches_has_none(site: Site) -> None:
    project = site.project(spec(build=["true"]))
    with pytest.raises(ClientError, match="does not have a build batch configuration"):
        site.clients["codebuild"].start_build_batch(projectName=project)


def test_a_batch_without_tasks_fails_and_says_so(site: Site) -> None:
    project = site.project(spec(build=["true"]), buildBatchConfig=CONFIG)
    batch = site.clients["codebuild"].start_build_batch(projectName=project)["buildBatch"]["id"]
    found = ended(site, batch)
    assert found["buildBatchStatus"] == "FAILED"
    assert "the buildspec has no batch" in str(found["phases"])


def test_a_matrix_is_every_combination() -> None:
    text = """
        batch:
          build-matrix:
            static: {ignore-failure: true, env: {image: one, variables: {FIXED: 1}}}
            dynamic: {buildspec: [a.yml, b.yml], env: {variables: {SIZE: [1, 2]}}}
    """
    tasks, _ = tasks_of(text)
    found = {(one.overrides["buildspecOverride"], one.overrides["environmentVariablesOverride"][1]["value"])
             for one in tasks}  # fmt: skip
    assert found == {("a.yml", "1"), ("a.yml", "2"), ("b.yml", "1"), ("b.yml", "2")}
    assert all(one.ignores_failure and one.overrides["imageOverride"] == "one" for one in tasks)


@pytest.mark.parametrize("listed", ["[]", "[{identifier: a}, {identifier: a}]"])
def test_tasks_are_there_and_told_apart(listed: str) -> None:
    with pytest.raises(BatchError):
        tasks_of(f"batch: {{build-list: {listed}}}")
