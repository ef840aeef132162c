"""Builds as CodeBuild's API and EventBridge tell about them."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.testing.aws.builds.site import Site, phases, spec


def wait(path: Path) -> None:
    until = time.monotonic() + 10
    while not path.exists():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_progress_and_log_are_seen_while_a_build_runs(site: Site, tmp_path: Path) -> None:
    here, go = tmp_path / "here", tmp_path / "go"
    text = spec(build=["echo began", f"touch {here}; while [ ! -e {go} ]; do sleep 0.02; done", "echo ended"])
    build = site.start(site.project(text))
    wait(here)
    seen = site.look(build)
    assert (seen["currentPhase"], seen["buildStatus"], seen["buildComplete"]) == ("BUILD", "IN_PROGRESS", False)
    assert phases(seen)["INSTALL"] == "SUCCEEDED"
    assert phases(seen)["BUILD"] == ""
    assert "endTime" not in seen
    assert site.log(seen) == ["began"]
    go.touch()
    assert site.log(site.ended(build)) == ["began", "ended"]


def test_a_build_is_stopped_with_all_that_it_started(site: Site, tmp_path: Path) -> None:
    here, alive = tmp_path / "here", tmp_path / "alive"
    loop = f"(while true; do touch {alive}; sleep 0.02; done) & touch {here}; wait"
    build = site.start(site.project(spec(build=[loop], post_build=["echo never"])))
    wait(here)
    site.clients["codebuild"].stop_build(id=build)
    seen = site.ended(build)
    assert seen["buildStatus"] == "STOPPED"
    assert phases(seen)["BUILD"] == "STOPPED"
    assert site.log(seen) == []
    alive.unlink(missing_ok=True)
    time.sleep(0.2)
    assert not alive.exists()


def test_a_build_that_takes_too_long_times_out(site: Site) -> None:
    began = time.monotonic()
    build = site.built(site.project(spec(build=["sleep 60"]), timeoutInMinutes=5))
    assert time.monotonic() - began < 20
    assert build["buildStatus"] == "TIMED_OUT"
    assert phases(build)["BUILD"] == "TIMED_OUT"


def test_states_and_phases_are_put_on_the_bus(site: Site) -> None:
    queue = site.clients["sqs"].create_queue(QueueName="builds")["QueueUrl"]
    arn = "arn:aws:sqs:us-east-1:123456789012:builds"
    site.clients["events"].put_rule(Name="builds", EventPattern=json.dumps({"source": ["aws.codebuild"]}))
    site.clients["events"].put_targets(Rule="builds", Targets=[{"Id": "1", "Arn": arn}])
    build = site.built(site.project(spec(build=["true"])))
    told = []
    while messages := site.clients["sqs"].receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        told += [json.loads(message["Body"]) for message in messages]
        for message in messages:
            site.clients["sqs"].delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    ours = [event for event in told if event["detail"]["build-id"] == build["arn"]]
    states = [
        event["detail"]["build-status"] for event in ours if event["detail-type"] == "CodeBuild Build State Change"
    ]
    assert states == ["IN_PROGRESS", "SUCCEEDED"]
    ended = [event["detail"].get("completed-phase") for event in ours]
    assert [name for name in ended if name][-3:] == ["POST_BUILD", "UPLOAD_ARTIFACTS", "FINALIZING"]


def test_builds_are_listed_found_by_arn_and_not_found(site: Site) -> None:
    codebuild = site.clients["codebuild"]
    project = site.project(spec(build=["true"]))
    first, second = site.start(project), site.start(project, idempotencyToken="once")
    assert site.start(project, idempotencyToken="once") == second
    assert codebuild.list_builds_for_project(projectName=project)["ids"] == [second, first]
    arn = site.ended(first)["arn"]
    found = codebuild.batch_get_builds(ids=[arn, "none:1"])
    assert [build["id"] for build in found["builds"]] == [first]
    assert found["buildsNotFound"] == ["none:1"]
    with pytest.raises(ClientError, match="Build none:1 does not exist"):
        codebuild.stop_build(id="none:1")
    with pytest.raises(ClientError, match="Project cannot be found"):
        codebuild.start_build(projectName="nobody")


def test_a_project_is_updated_and_needs_a_buildspec_where_it_has_no_source(site: Site) -> None:
    codebuild = site.clients["codebuild"]
    project = site.project(spec(build=["echo old"]))
    codebuild.update_project(name=project, source={"type": "NO_SOURCE", "buildspec": spec(build=["echo new"])})
    assert site.log(site.built(project)) == ["new"]
    (shown,) = codebuild.batch_get_projects(names=[project])["projects"]
    assert "location" not in shown["source"]
    assert shown["timeoutInMinutes"] == 60
    with pytest.raises(ClientError, match="NO_SOURCE requires a buildspec"):
        site.project()
