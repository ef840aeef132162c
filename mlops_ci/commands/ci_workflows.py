"""The reusable workflows that ship, as files of a repository: a pure function of a template and what a project says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from mlops_ci.commands.ci_events import ASKED, cron, events
from mlops_ci.commands.ci_expressions import Asked, Fact, Input, Setting, plain, variable, written_out
from mlops_ci.commands.ci_package import FILE
from mlops_ci.errors import UsageError

ACTION = ".github/actions/mlops-ci"
_OURS = f"./{ACTION} # zizmor: ignore[self-repository] GitHub Enterprise Server does not know `$/`"

_USES_SETUP = re.compile(r"^( *)- uses: \S*/\.github/actions/setup\b.*$", re.MULTILINE)
_LINES = re.compile(r"^ *(package|extras): \$\{\{ inputs\.\1 \}\}\n", re.MULTILINE)
_PLACE = "${{ inputs.working-directory }}-"
"""What tells the groups of several projects apart where the workflows are called."""
_GROUP = re.compile(r'^( *(?:concurrency: \{)?group: "?)(?=\S)', re.MULTILINE)
_HEAD = re.compile(r"^on:.*\n(?:(?:[ \t].*)?\n)+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Settings:
    """What a project says: its folder in the repository (`.`: the top), its branch, whether its store is a folder.

    `region` is the one of its target in AWS, where the project names one.
    """

    folder: str = "."
    branch: str = "main"
    is_store_a_folder: bool = True
    region: str = ""

    @property
    def slug(self) -> str:
        """Return a word for the folder, another one for each; empty at the top."""
        if self.folder == ".":
            return ""
        word = self.folder.replace("/", ".")
        if re.fullmatch(r"[A-Za-z0-9_/-]+", self.folder):
            return word
        return f"{re.sub(r'[^A-Za-z0-9_-]', '-', word)}-{hashlib.sha256(self.folder.encode()).hexdigest()[:6]}"

    @property
    def requirements(self) -> str:
        """Return where the file of requirements is in the repository."""
        return FILE if self.folder == "." else f"{self.folder}/{FILE}"


def refuse_what_no_file_can_hold(settings: Settings) -> None:
    """Raise where a name would be read as more than a name.

    Raises:
        UsageError: GitHub would take it for an expression, or it has a control character.

    """
    for what, name, hint in (
        ("folder", settings.folder, "git mv FOLDER OTHER_NAME"),
        ("branch", settings.branch, "another `branch` in mlops-ci.yaml"),
    ):
        if "${{" in name or not name.isprintable():
            raise UsageError(f"the {what} {name!r} cannot be named in a file of a CI system", hint=hint)


def file_of(kind: str, settings: Settings) -> str:
    """Return the path of a workflow in the repository."""
    return f".github/workflows/mlops-ci-{f'{settings.slug}-' if settings.slug else ''}{kind}.yml"


def name_of(kind: str, settings: Settings) -> str:
    """Return the name under which GitHub lists a workflow."""
    return f"models-{kind}" + (f" ({settings.slug})" if settings.slug else "")


def workflow(kind: str, template: str, settings: Settings) -> str:
    """Return the text of a workflow that events start, from the one of `on: workflow_call`."""
    inputs = _inputs(template, settings)
    text = _LINES.sub("", template.replace("${{ github.ref_name }}", "${{ inputs.branch }}"))
    text = text.replace(_PLACE, "")
    if settings.slug:  # groups of concurrency are the project's own: another one's must not cancel it
        text = _GROUP.sub(lambda found: f"{found[1]}{settings.slug}-", text)
    text = written_out(_HEAD.sub("on: {}\n", text, count=1), inputs)
    if kind == "pull-request":  # its code runs before anybody looked at it: it may have a role that can do less
        role = f"vars.{variable('aws-role')}"
        own = f"vars.{variable('aws-pull-request-role')} || {role}"
        text = text.replace("${{ " + role + " }}", "${{ " + own + " }}")
    text = re.sub(r"^name: .*$", lambda _: f"name: {plain(name_of(kind, settings))}", text, count=1, flags=re.MULTILINE)
    head = events(kind, settings.branch, name_of("pull-request", settings), cron(settings.folder))
    return _USES_SETUP.sub(rf"\g<1>- uses: {_OURS}", text.replace("on: {}\n", head, 1))


def action(template: str) -> str:
    """Return the composite action for a repository that holds no mlops-ci: it installs what a file there names."""
    text = re.sub(r"^    - if: inputs\.package .*\n(?:      .*\n)+", "", template, flags=re.MULTILINE)
    text = re.sub(r"^  (?:package|extras):\n(?:    .*\n)+", "", text, flags=re.MULTILINE)
    text = text.replace("inputs.package != '' || ", "")
    head, found, rest = text.partition("  requirements:\n")
    return head + found + rest.replace(" installs too,", " installs,", 1).replace('default: ""', f"default: {FILE}", 1)


def _inputs(template: str, settings: Settings) -> dict[str, Input]:
    head = yaml.safe_load(template)[True]["workflow_call"]["inputs"]  # YAML 1.1 reads `on` so
    defaults: Mapping[str, str] = {"single": str(settings.is_store_a_folder).lower()}
    if settings.region:
        defaults = {**defaults, "aws-region": settings.region}
    inputs: dict[str, Input] = {
        name: Setting(name, about["type"], defaults.get(name, _text(about.get("default", ""))))
        for name, about in head.items()
    }
    if "operation" in head:
        inputs |= {name: Asked(name) for name in ASKED}
    facts = {
        "working-directory": settings.folder, "branch": settings.branch, "requirements": settings.requirements,
    }  # fmt: skip
    return inputs | {name: Fact(value) for name, value in facts.items()}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
