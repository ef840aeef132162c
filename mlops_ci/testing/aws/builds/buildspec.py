"""A buildspec (version 0.2) as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PHASES = ("install", "pre_build", "build", "post_build")


class BuildspecError(ValueError):
    """The text is no buildspec; the message is the one that CodeBuild would show."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Commands in order; those of `finally` run in any case. `on_failure` is ABORT, CONTINUE, or empty."""

    name: str
    commands: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    on_failure: str = ""
    notes: tuple[str, ...] = ()
    """What it asks of CodeBuild's image and this machine does not change, such as runtime versions."""


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What is uploaded: patterns of files below the base folder."""

    files: tuple[str, ...]
    base: str = ""
    name: str = ""
    discards_paths: bool = False
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reports:
    """What one report group is given: patterns of files below the base folder."""

    group: str
    files: tuple[str, ...]
    base: str = ""
    form: str = "JUNITXML"


@dataclass(frozen=True, slots=True)
class Buildspec:
    """All that a build does. Pairs are of a variable's name and its value, or the name of the parameter or secret."""

    phases: tuple[Phase, ...]
    shell: str = "sh"
    variables: tuple[tuple[str, str], ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    exported: tuple[str, ...] = ()
    artifacts: Artifacts | None = None
    reports: tuple[Reports, ...] = ()
    cached: tuple[str, ...] = ()


def buildspec_of(text: str) -> Buildspec:
    """Return what a text says. Raises BuildspecError where it is none."""
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as cause:
        raise BuildspecError(f"YAML_FILE_ERROR: {cause}") from cause
    if not isinstance(data, Mapping):
        raise BuildspecError("YAML_FILE_ERROR: the buildspec is no mapping")
    if "batch" in data and "phases" not in data:
        raise BuildspecError("YAML_FILE_ERROR: the buildspec has a batch and no phases: start it by StartBuildBatch")
    if str(data.get("version")) not in {"0.2", "0.1"}:
        raise BuildspecError(f"YAML_FILE_ERROR: version `{data.get('version')}` is not supported; expected 0.2")
    phases = _mapping(data, "phases")
    unknown = sorted(set(phases) - set(PHASES))
    if unknown:
        raise BuildspecError(f"YAML_FILE_ERROR: phase `{unknown[0]}` is none of {', '.join(PHASES)}")
    if not phases:
        raise BuildspecError("YAML_FILE_ERROR: the buildspec has no phases")
    env = _mapping(data, "env")
    return Buildspec(
        phases=tuple(_phase(name, _mapping(phases, name)) for name in PHASES),
        shell=str(env.get("shell") or "sh"),
        variables=_pairs(env, "variables"),
        parameters=_pairs(env, "parameter-store"),
        secrets=_pairs(env, "secrets-manager"),
        exported=_words(env.get("exported-variables")),
        artifacts=_artifacts(_mapping(data, "artifacts")),
        reports=tuple(_reports(name, _mapping(_mapping(data, "reports"), name)) for name in _mapping(data, "reports")),
        cached=_words(_mapping(data, "cache").get("paths")),
    )


def _phase(name: str, data: Mapping[str, Any]) -> Phase:
    runtimes = [f"{key} {value}" for key, value in _mapping(data, "runtime-versions").items()]
    users = [f"run-as {data['run-as']}"] if "run-as" in data else []
    return Phase(
        name=name,
        commands=_words(data.get("commands")),
        last=_words(data.get("finally")),
        on_failure=str(data.get("on-failure") or ""),
        notes=tuple(runtimes + users),
    )


def _artifacts(data: Mapping[str, Any]) -> Artifacts | None:
    if not data:
        return None
    return Artifacts(
        files=_words(data.get("files")),
        base=str(data.get("base-directory") or ""),
        name=str(data.get("name") or ""),
        discards_paths=str(data.get("discard-paths", "no")).lower() in {"yes", "true"},
        excluded=_words(data.get("exclude-paths")),
    )


def _reports(group: str, data: Mapping[str, Any]) -> Reports:
    form = str(data.get("file-format") or "JUNITXML")
    return Reports(group, _words(data.get("files")), str(data.get("base-directory") or ""), form)


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key) or {}
    if not isinstance(found, Mapping):
        raise BuildspecError(f"YAML_FILE_ERROR: `{key}` is no mapping")
    return found


def _pairs(data: Mapping[str, Any], key: str) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), _text(value)) for name, value in _mapping(data, key).items())


def _words(value: object) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case str():
            return (value,)
        case list():
            return tuple(_text(item) for item in value)
        case _:
            raise BuildspecError(f"YAML_FILE_ERROR: expected a list of texts, got `{value}`")


def _text(value: object) -> str:
    """Return a YAML scalar as CodeBuild hands it on: `true` is a word there, not a truth."""
    if isinstance(value, Mapping | list):
        raise BuildspecError(f"YAML_FILE_ERROR: Expected Commands[0] to be of string type: found {value} instead")
    return str(value).lower() if isinstance(value, bool) else str(value)
