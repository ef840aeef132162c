"""Images built in the account: one CodeBuild project, a repository a model, and what is built sent to S3."""

from __future__ import annotations

import hashlib
import io
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mlops_ci.adapters.aws.account import Account
from mlops_ci.adapters.aws.images.digests import Digests
from mlops_ci.adapters.aws.images.proposed import proposed, proposed_tag
from mlops_ci.adapters.aws.images.references import Reference, host_of
from mlops_ci.adapters.aws.problems import code_of
from mlops_ci.adapters.aws.requests.builds import build_request, project_request, repository_request
from mlops_ci.adapters.aws.requests.terms import Terms, terms_of
from mlops_ci.adapters.aws.store.bucket import Bucket
from mlops_ci.adapters.checked import checked
from mlops_ci.errors import ProviderError
from mlops_ci.model import Tree
from mlops_ci.ports.builds import Building, BuildState
from mlops_ci.ports.jobs import Code

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive: the earliest that a zip knows."""

_IMAGE = "IMAGE"
"""The variable that tells a build how its image is called."""

_NEWEST = 50
"""Builds among which one that runs is looked for."""

_RUNNING = "IN_PROGRESS"
_STATES = {_RUNNING: BuildState.RUNNING, "SUCCEEDED": BuildState.SUCCEEDED}


@dataclass(frozen=True, slots=True)
class CodeBuilds:
    """A `Builder`. `tree` gives the snapshot that files are read from; `buildspec` is what a build does.

    What a pull request builds is under tags of its own; what the branch built already, it builds no more.
    """

    account: Account
    bucket: Bucket
    tree: Callable[[], Tree]
    buildspec: str
    pull_request: str = ""
    _read: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def project(self) -> str:
        """The name of the project that builds for this store."""
        return f"mlops-ci-images-{hashlib.sha256(str(self.account.address).encode()).hexdigest()[:8]}"

    def find(self, building: Building) -> str:
        """Return the image by its digest, empty where it has not been built."""
        wanted = Reference(building.repository, building.tag)
        own = proposed(wanted, self.pull_request) or wanted
        found = Digests(self.account).of((wanted, own))
        at = found[wanted] or found[own]
        return str(at) if at is not None else ""

    def start(self, building: Building) -> str:
        """Start a build, with the repository and the project that it needs; see the port."""
        source = self._sent(building)
        uri = self._repository(building)
        self._project(source)
        image = f"{uri}:{proposed_tag(building.tag, self.pull_request)}"
        running = self._running(image)
        if running:
            return running
        request = build_request(self.project, source=source, token=str(uuid.uuid4()), variables=((_IMAGE, image),))
        with self.account.asked("codebuild:StartBuild", self.project):
            return str(self._builds().start_build(**request)["build"]["id"])

    def state(self, build: str) -> BuildState:
        """Return where a build is now."""
        return _STATES.get(self._looked(build)["buildStatus"], BuildState.FAILED)

    def lines(self, build: str) -> Iterator[str]:
        """Yield the lines of a build's log that were not given before; none while there is no log."""
        from botocore.exceptions import ClientError

        logs = self._looked(build).get("logs", {})
        group, stream = logs.get("groupName"), logs.get("streamName")
        while group and stream:
            more = {"nextToken": self._read[build]} if build in self._read else {}
            with self.account.asked("logs:GetLogEvents", f"{group}:{stream}"):
                try:
                    page = self.account.clients.of("logs").get_log_events(
                        logGroupName=group, logStreamName=stream, startFromHead=True, **more
                    )
                except ClientError as error:
                    if code_of(error) != "ResourceNotFoundException":
                        raise
                    return
            for event in page["events"]:
                yield from event["message"].rstrip("\n").split("\n")
            token = page.get("nextForwardToken")
            if not token or token == self._read.get(build):
                return
            self._read[build] = token

    def _sent(self, building: Building) -> str:
        """Return the place on S3, without `s3://`, of the context as an archive: the same files are the same bytes."""
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, content in checked(Code(building.files, building.tag), self.tree):
                archive.writestr(zipfile.ZipInfo(path, _EPOCH), content, zipfile.ZIP_DEFLATED)
        content = made.getvalue()
        sha = hashlib.sha256(content).hexdigest()
        key = f"inputs/{sha}/context.zip"
        if self.bucket.look(key) is None:
            self.bucket.put(key, io.BytesIO(content), len(content), sha)
        return f"{self.bucket.address}/{key}".removeprefix("s3://")

    def _repository(self, building: Building) -> str:
        """Return the repository's address, having made it where it is missing."""
        request = repository_request(building.repository, self._terms(), model=building.model)
        client = self.account.clients.of("ecr")
        with self.account.asked("ecr:CreateRepository", building.repository):
            _is_refused(lambda: client.create_repository(**request), "RepositoryAlreadyExistsException")
        with self.account.asked("ecr:DescribeRepositories", building.repository):
            (found,) = client.describe_repositories(repositoryNames=[building.repository])["repositories"]
        return f"{host_of(str(found['registryId']), self.account.region)}/{building.repository}"

    def _project(self, source: str) -> None:
        """Make the project, or have it as it is made today."""
        request = project_request(self.project, self._terms(), source=source, buildspec=self.buildspec)
        client = self._builds()
        with self.account.asked("codebuild:CreateProject", self.project):
            is_there = _is_refused(lambda: client.create_project(**request), "ResourceAlreadyExistsException")
        if is_there:
            with self.account.asked("codebuild:UpdateProject", self.project):
                client.update_project(**request)

    def _running(self, image: str) -> str:
        """Return the id of a build that makes this image now: somebody began it, or we did and were killed."""
        client = self._builds()
        with self.account.asked("codebuild:ListBuildsForProject", self.project):
            ids = client.list_builds_for_project(projectName=self.project, sortOrder="DESCENDING")["ids"][:_NEWEST]
        if not ids:
            return ""
        with self.account.asked("codebuild:BatchGetBuilds", self.project):
            builds = client.batch_get_builds(ids=ids)["builds"]
        return next((str(one["id"]) for one in builds if one["buildStatus"] == _RUNNING and _image(one) == image), "")

    def _looked(self, build: str) -> dict[str, Any]:
        with self.account.asked("codebuild:BatchGetBuilds", build):
            found = self._builds().batch_get_builds(ids=[build])["builds"]
        if not found:
            raise ProviderError(f"CodeBuild knows no build `{build}`", hint="type the command again")
        return dict(found[0])

    def _terms(self) -> Terms:
        return terms_of(self.account.target, self.account.region, self.account.tags)

    def _builds(self) -> Any:  # noqa: ANN401 - botocore makes its classes at run time
        return self.account.clients.of("codebuild")


def _is_refused(call: Callable[[], object], code: str) -> bool:
    """Return whether a call was refused by this code; any other refusal is raised."""
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        if code_of(error) != code:
            raise
        return True
    return False


def _image(build: dict[str, Any]) -> str:
    """Return what a build makes."""
    given = build.get("environment", {}).get("environmentVariables", ())
    return next((str(one["value"]) for one in given if one["name"] == _IMAGE), "")
