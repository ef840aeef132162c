"""The CloudFormation template as its projects and stages, with parameters filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from mlops_ci.resources import folder

PATH = folder("buildspecs") / "codepipeline.yaml"


class _Loader(yaml.SafeLoader):
    """Knows CloudFormation's short forms: `!Ref X` is `{Ref: X}`."""


def _short(loader: yaml.Loader, tag: str, node: yaml.Node) -> dict[str, Any]:
    match node:
        case yaml.ScalarNode():
            value: Any = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case _:
            raise AssertionError(f"`!{tag}` of a mapping")
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {"Ref" if tag == "Ref" else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _short)


@cache
def whole() -> dict[str, Any]:
    """Return the template as data."""
    found: dict[str, Any] = yaml.load(PATH.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe one
    return found


@dataclass(frozen=True, slots=True)
class Stack:
    """The template with values for its parameters."""

    given: dict[str, str]

    @property
    def values(self) -> dict[str, str]:
        """Return every name that a text may refer to."""
        default = {name: str(about["Default"]) for name, about in whole()["Parameters"].items() if "Default" in about}
        return {
            "AWS::StackName": "models", "AWS::Region": "us-east-1", "AWS::AccountId": "123456789012",
            "AWS::Partition": "aws", "Artifacts": "artifacts", "Artifacts.Arn": "arn:aws:s3:::artifacts",
            "Logs": "/mlops-ci/models", **default, **self.given,
        }  # fmt: skip

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of every resource of a type that is made, by its name in the template."""
        found = whole()["Resources"].items()
        is_batch = self.values["Training"] == "train-batch"
        return {
            name: one["Properties"]
            for name, one in found
            if one["Type"] == kind and (is_batch or one.get("Condition") != "InBatches")
        }

    def resolved(self, data: Any) -> Any:  # noqa: ANN401 - a part of the template
        """Return data with every reference filled in."""
        match data:
            case {"Ref": name}:
                return self._named(name)
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([\w:.]+)\}", lambda found: self._named(found[1]), text)
            case {"Fn::GetAtt": [name, "Arn"]}:
                own = self._named(name) if name not in self.values else self.values[name]
                kind = "role" if name.endswith("Role") else "project"
                return f"arn:aws:iam::123456789012:{kind}/{own}"
            case dict():
                return {key: self.resolved(value) for key, value in data.items()}
            case list():
                return [self.resolved(item) for item in data]
            case _:
                return data

    def _named(self, name: str) -> str:
        if name in self.values:
            return self.values[name]
        own = whole()["Resources"][name]["Properties"].get("Name")
        return str(self.resolved(own)) if own else name

    def projects(self) -> dict[str, dict[str, Any]]:
        """Return every CodeBuild project, by its name in the template."""
        return {name: self.resolved(one) for name, one in self.resources("AWS::CodeBuild::Project").items()}

    def stages(self) -> list[dict[str, Any]]:
        """Return the pipeline's stages."""
        (pipeline,) = self.resources("AWS::CodePipeline::Pipeline").values()
        found: list[dict[str, Any]] = self.resolved(pipeline)["Stages"]
        return found

    def rights(self, role: str) -> dict[str, set[str]]:
        """Return the actions of a role, each with the resources that it is allowed on, policies that it shares too."""
        roles, policies = self.resources("AWS::IAM::Role"), self.resources("AWS::IAM::ManagedPolicy")
        shared = [policies[one["Ref"]]["PolicyDocument"] for one in roles[role].get("ManagedPolicyArns", ())]
        documents = shared + [one["PolicyDocument"] for one in roles[role]["Policies"]]
        found: dict[str, set[str]] = {}
        for statement in (one for document in documents for one in document["Statement"]):
            on = self.resolved(statement["Resource"])
            for action in statement["Action"]:
                found.setdefault(action, set()).update([on] if isinstance(on, str) else on)
        return found


STACK = Stack({
    "ConnectionArn": "arn:aws:codeconnections:us-east-1:123456789012:connection/00000000-0000-0000-0000-000000000000",
    "Repository": "ada/tiny", "StoreBucket": "models", "StorePrefix": "pipeline",
    "JobRoleArn": "arn:aws:iam::123456789012:role/mlops-ci",
})  # fmt: skip
