"""The project's target is one of its targets and has what its kind needs; names are names, folders lie inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlops_ci.diagnostics import Diagnostic
from mlops_ci.manifest.document import Document, did_you_mean, listed
from mlops_ci.manifest.rules.context import ProjectContext
from mlops_ci.manifest.rules.names import unfit
from mlops_ci.model import Target
from mlops_ci.model.address import is_remote, wrong_with
from mlops_ci.model.project import AWS
from mlops_ci.model.sources import within

_LONGEST = 224
"""Characters of an address in a tag, which has 256: what a pull request makes has its own part of the store there."""
_TAG = re.compile(rf"[\w .:/=+@-]{{1,{_LONGEST}}}", re.ASCII)


def check(context: ProjectContext) -> Iterator[Diagnostic]:
    project, manifest = context.project, context.manifest
    names = [target.name for target in project.targets]
    if project.target not in names:
        yield manifest.problem(
            "unknown-target",
            manifest.value("target") if manifest.given("target") else manifest.key("targets"),
            f"there is no target `{project.target}`",
            detail=f"the targets are {listed(names)}",
            hint=did_you_mean(project.target, names, f"write `target: {names[0]}`"),
        )
    for target in project.targets:
        yield from unfit(manifest, manifest.key("targets", target.name), target.name)
        yield from _store(manifest, target)
        yield from _account(manifest, target)
    ports: dict[int, str] = {}
    for place in project.places:
        yield from unfit(manifest, manifest.key("environments", place.name), place.name)
        if place.port and place.port in ports:
            yield manifest.problem(
                "port-clash",
                manifest.value("environments", place.name, "port"),
                f"`{ports[place.port]}` has port {place.port} already",
                hint="choose another, or 0",
            )
        ports.setdefault(place.port, place.name)
    if not within("", project.pipelines):
        yield manifest.problem(
            "path-outside",
            manifest.value("pipelines"),
            f"`{project.pipelines}` is not a folder of this project",
            detail="expected a path relative to `mlops-ci.yaml`, below its folder",
            hint="write `pipelines: pipelines`",
        )


def _store(manifest: Document, target: Target) -> Iterator[Diagnostic]:
    if is_remote(target.store):
        if wrong := wrong_with(target.store):
            yield manifest.problem(
                "store-address",
                manifest.value("targets", target.name, "store"),
                f"`{target.store}` is no address of a store",
                detail=wrong,
                hint="write `store: s3://my-bucket/my-project`, or a folder",
            )
    elif target.kms_key:
        yield manifest.problem(
            "kms-key-unused",
            manifest.key("targets", target.name, "kms_key"),
            "a folder is not encrypted by a key of AWS",
            detail=f"the store is `{target.store}`",
            hint="delete it, or write `store: s3://my-bucket/my-project`",
        )


def _account(manifest: Document, target: Target) -> Iterator[Diagnostic]:
    """Yield what a target in an account lacks, or a target on this machine has no use for."""
    if target.kind == AWS:
        if not is_remote(target.store):
            at = ("targets", target.name, "store" if manifest.given("targets", target.name, "store") else "kind")
            yield manifest.problem(
                "aws-store",
                manifest.value(*at),
                "jobs of SageMaker read and write S3, so the store must be there",
                detail=f"the store is `{target.store}`",
                hint="write `store: s3://my-bucket/my-project`",
            )
        elif not wrong_with(target.store) and not _TAG.fullmatch(target.store):
            yield manifest.problem(
                "aws-store",
                manifest.value("targets", target.name, "store"),
                "all that is made in the account has a tag with the store's address, and this is none that a tag takes",
                detail=f"expected at most {_LONGEST} letters, digits, blanks and `.:/=+@_-`",
                hint="write `store: s3://my-bucket/my-project`",
            )
        if not target.role:
            yield manifest.problem(
                "aws-role",
                manifest.value("targets", target.name, "kind"),
                "jobs of SageMaker need a role to work as",
                hint="write `role: arn:aws:iam::<account>:role/<name>`; docs/aws.md lists the rights it needs",
            )
        return
    for name in ("region", "role", "pull_request_role", "volume_kms_key", "network", "tags"):
        if manifest.given("targets", target.name, name):
            yield manifest.problem(
                "aws-key-unused",
                manifest.key("targets", target.name, name),
                f"`{name}` means nothing on this machine",
                detail="it is about an account of AWS, and `kind` is `local`",
                hint="write `kind: aws`, or delete it",
            )
