"""The ground that every world stands on: the project, its target, its store and its repository."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_ci import resources
from mlops_ci.adapters.files.snapshots import FolderSnapshots
from mlops_ci.adapters.formats import PULL_REQUESTS
from mlops_ci.adapters.git.process import content_of
from mlops_ci.adapters.git.repository import GitRepository
from mlops_ci.adapters.local.installed import site_folders
from mlops_ci.adapters.pull_requests import pull_request_of
from mlops_ci.errors import ManifestError
from mlops_ci.manifest.choosing import chosen_target
from mlops_ci.model import Project
from mlops_ci.wiring.place import PROJECT_FILE, Place, find, schemas
from mlops_ci.wiring.state import state_folder
from mlops_ci.wiring.stores import store_of

if TYPE_CHECKING:
    from mlops_ci.adapters.aws.account import Account
    from mlops_ci.adapters.aws.images.resolving import AwsImages
    from mlops_ci.adapters.aws.store.bucket import Bucket
    from mlops_ci.adapters.git.private import PrivateRepository
    from mlops_ci.ports.commits import Commits


class Ground:
    """What stands before anything is read but the project's file: where things are kept, and the repository.

    Raises:
        ManifestError: there is no project, its file is wrong, or it is in no git repository.
        UsageError: there is no such target, or MLOPS_CI_STATE is no absolute path.
        ProviderError: a newer mlops-ci wrote the store, where it is a folder; S3 is asked later.

    """

    def __init__(self, place: Place, target: str) -> None:
        self.place = place
        self.folder = find(place.folder)
        self.pull_request = pull_request_of(place.environment, place.pull_request)
        code = resources.state()
        self.snapshots = FolderSnapshots(self._own(self.folder / ".mlops-ci") / "cache", code)
        content = content_of(self.folder, PROJECT_FILE)
        self.digest = hashlib.sha256(content + code.encode()).hexdigest()
        self.project = self._project(content)
        self.target = chosen_target(self.project, target)
        self.is_private = self.target.name != self.project.target
        self.suffix = f"-{self.target.name}" if self.is_private else ""
        self.served = state_folder(self.folder, self.target, place.environment)
        self.state = self._own(self.served)
        self.store = store_of(self.target, self.folder, self.state, place.verb)
        self.is_current = self.store.is_current()
        self.endpoints = self.served / f"endpoints{self.suffix}"
        self.records = self.store.records(self.pull_request)
        self.repository = self._repository()

    def _own(self, folder: Path) -> Path:
        """Return the part of a folder that this command works in: a pull request has one of its own."""
        return folder / PULL_REQUESTS / self.pull_request if self.pull_request else folder

    @cached_property
    def sites(self) -> tuple[Path, ...]:
        """The folders that our interpreter's distributions are in."""
        return site_folders(sys.path)

    @cached_property
    def account(self) -> Account:
        """The account of a target in AWS, as the branch knows it: one for all that asks, so clients are made once.

        Nothing is asked of it yet.
        """
        from mlops_ci.adapters.aws.account import Account, Clients
        from mlops_ci.model.address import address_of

        address = address_of(self.target.store)
        if address is None:
            raise AssertionError("a target in AWS has its store on S3: `validate` says so")
        return Account(self.target, address, Clients(self.target.region))

    def bucket(self, account: Account) -> Bucket:
        """Return the objects below an account's address, asked for by the store's own client."""
        from mlops_ci.wiring.stores import BucketStore

        assert isinstance(self.store, BucketStore)  # noqa: S101 - `validate` alone has another, and asks nothing
        return replace(self.store.bucket, address=account.address)

    @cached_property
    def images(self) -> AwsImages:
        """The images of a target in AWS; the survey and the world ask the same, so that nothing is asked for twice."""
        from mlops_ci.adapters.aws.images.remembering import Tables
        from mlops_ci.adapters.aws.images.resolving import AwsImages

        return AwsImages(self.account, Tables(self.snapshots, self.sites), self.pull_request)

    def _repository(self) -> GitRepository | PrivateRepository:
        git = GitRepository(
            self.folder, branch=self.project.branch, remote=self.project.remote, environment=self.place.environment
        )
        if not self.is_private:
            return git
        from mlops_ci.adapters.git.private import PrivateRepository

        return PrivateRepository(git, self.records)

    def commits(self) -> Commits:
        """Return the repository's history; nothing is asked of it yet."""
        from mlops_ci.adapters.git.commits import GitCommits
        from mlops_ci.adapters.git.private import PrivateCommits

        commits = GitCommits(self.folder, self.place.environment)
        return PrivateCommits(commits, self.records) if self.is_private else commits

    def _project(self, content: bytes) -> Project:
        """Return the project, without a YAML parser where the same file was read before."""
        from mlops_ci.manifest.remembering import remembered

        try:
            kept = json.loads(self.snapshots.load("project.json"))
            if kept.pop("digest") == self.digest:
                return remembered(kept)
        except (ValueError, KeyError, TypeError, AttributeError):
            pass  # no snapshot, or a damaged one
        from mlops_ci.manifest.loading import load, load_project
        from mlops_ci.model.effects import plain

        texts = schemas()
        try:
            project = load_project(content, texts)
        except ManifestError as error:  # what is wrong with the models is told at once with it
            tree = GitRepository(self.folder, branch="", remote="", environment=self.place.environment).worktree()
            raise ManifestError(load(tree, texts).diagnostics or error.diagnostics) from error
        data = plain(project)
        assert isinstance(data, dict)  # noqa: S101 - a dataclass is an object
        self.snapshots.save("project.json", json.dumps({"digest": self.digest, **data}).encode())
        return project
