"""moto cannot simulate policies. Here it says what the policies of a role or a user allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlops_ci.testing.aws.loopback import Loopback
from mlops_ci.testing.aws.patching import Patches
from mlops_ci.testing.aws.policies import decision


def fill(loopback: Loopback) -> Callable[[], None]:  # noqa: ARG001 - as every filling
    """Have SimulatePrincipalPolicy answered; whoever moto does not know may do everything."""
    from moto.core.responses import ActionResult
    from moto.iam.responses import IamResponse

    patches = Patches()

    def simulate_principal_policy(response: Any) -> Any:  # noqa: ANN401 - moto's class
        documents = _documents(response.backend, response._get_param("PolicySourceArn"))  # noqa: SLF001
        resources = response._get_param("ResourceArns") or ["*"]  # noqa: SLF001
        entries = response._get_param("ContextEntries") or ()  # noqa: SLF001
        context = {one["ContextKeyName"]: tuple(one["ContextKeyValues"]) for one in entries}
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": resource,
                "EvalDecision": "allowed" if documents is None else decision(documents, action, resource, context),
                "MatchedStatements": [],
                "MissingContextValues": [],
            }
            for action in response._get_param("ActionNames")  # noqa: SLF001
            for resource in resources
        ]
        return ActionResult({"EvaluationResults": results, "IsTruncated": False})

    patches.put(IamResponse, "simulate_principal_policy", simulate_principal_policy)
    return patches.undo


def _documents(backend: Any, arn: str) -> list[str] | None:  # noqa: ANN401 - moto's class
    """Return the policies of a principal, inline and attached; None where moto does not know it."""
    known = [*backend.get_roles(), *backend.users.values()]
    found = next((one for one in known if one.arn == arn), None)
    if found is None:
        return None
    versions = (version for policy in found.managed_policies.values() for version in policy.versions)
    inline = [one["policy_document"] if isinstance(one, dict) else one for one in found.policies.values()]
    return [*inline, *(version.document for version in versions if version.is_default)]
