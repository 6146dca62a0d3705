"""IAM on top of moto's: policies that are really evaluated, for SimulatePrincipalPolicy and, on request, every call."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse

from sandbox.account import ACCOUNT
from sandbox.calls import Call
from sandbox.patching import Patches
from sandbox.policies import ALLOWED, EXPLICIT_DENY, Decision, Policy, as_list, evaluate
from sandbox.resources import actions_of, asked_of

# The outcome of several resources together is the most restrictive one.
RESTRICTIVE = (EXPLICIT_DENY, "implicitDeny", ALLOWED)
NEEDS_NO_PERMISSION = ("sts:GetCallerIdentity",)


class NoSuchEntity(ServiceException):
    code = "NoSuchEntity"


def role_exists(arn: str) -> bool:
    return any(role.arn == arn for role in list(iam_backends[ACCOUNT]["aws"].roles.values()))


def policies_of(arn: str) -> dict[str, Policy]:
    """Inline and attached policies of a role or a user, by name. Raises NoSuchEntity."""
    backend = iam_backends[ACCOUNT]["aws"]
    principal: Any = next((role for role in list(backend.roles.values()) if role.arn == arn), None)
    if principal is None:
        principal = next((user for user in list(backend.users.values()) if user.arn == arn), None)
    if principal is None:
        raise NoSuchEntity(f"Invalid Entity Arn: {arn} does not exist or does not have attached policies.")
    inline = principal.policies
    documents = {name: _document(text) for name, text in inline.items()}
    for policy in principal.managed_policies.values():
        current = next(version for version in policy.versions if version.version_id == policy.default_version_id)
        documents[policy.arn] = _document(current.document)
    return documents


def role_may(service: str, role_arn: str, action: str, resource: str) -> bool:
    """Whether the service may assume the role, and the role may do this."""
    return trusts_service(role_arn, service) and evaluate(policies_of(role_arn), action, resource, {}).allowed


def trusts_service(role_arn: str, service: str) -> bool:
    """Whether there is such a role, and the service may assume it."""
    role = next((each for each in list(iam_backends[ACCOUNT]["aws"].roles.values()) if each.arn == role_arn), None)
    return role is not None and service in trusted_services(role.assume_role_policy_document)


def trusted_services(trust: str | dict[str, Any]) -> list[str]:
    """Who may assume a role with this trust policy, of AWS's services; a statement may name several."""
    principals = [statement.get("Principal", {}) for statement in as_list(_document(trust).get("Statement", []))]
    return [name for each in principals if isinstance(each, dict) for name in as_list(each.get("Service", []))]


def denied(call: Call, role_arn: str, session_arn: str) -> str | None:
    """AWS's sentence when the role may not make this call."""
    if call.name in NEEDS_NO_PERMISSION:
        return None
    try:
        policies = policies_of(role_arn)
    except NoSuchEntity:
        policies = {}
    for action, (resource, context) in itertools.product(actions_of(call), asked_of(call)):
        decision = evaluate(policies, action, resource, context)
        if not decision.allowed:
            on = f" on resource: {resource}" if resource else ""
            why = (
                "with an explicit deny in an identity-based policy"
                if decision.outcome == EXPLICIT_DENY
                else f"because no identity-based policy allows the {action} action"
            )
            return f"User: {session_arn} is not authorized to perform: {action}{on} {why}"
    return None


def simulate(policies: Mapping[str, Policy], action: str, resources: list[str], context: dict[str, list[str]]) -> Any:
    decisions = {resource: evaluate(policies, action, resource, context) for resource in resources}
    outcome = min((each.outcome for each in decisions.values()), key=RESTRICTIVE.index)
    missing = sorted({key for each in decisions.values() for key in each.missing_context})
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": resources[0] if len(resources) == 1 else "*",
        "EvalDecision": outcome,
        "MatchedStatements": _matched(list(decisions.values())),
        "MissingContextValues": missing,
    }
    if resources != ["*"]:
        result["ResourceSpecificResults"] = [
            {
                "EvalResourceName": resource,
                "EvalResourceDecision": decision.outcome,
                "MatchedStatements": _matched([decision]),
                "MissingContextValues": sorted(decision.missing_context),
            }
            for resource, decision in decisions.items()
        ]
    return result


def install(patches: Patches) -> None:
    patches.replace(IamResponse, "simulate_principal_policy", lambda original: _simulate_principal_policy)


def _simulate_principal_policy(self: Any) -> ActionResult:
    parameters = self._get_params()
    policies = policies_of(parameters["PolicySourceArn"])
    entries = parameters.get("ContextEntries") or []
    context = {entry["ContextKeyName"]: entry.get("ContextKeyValues", []) for entry in entries}
    resources = parameters.get("ResourceArns") or ["*"]
    results = [simulate(policies, action, resources, context) for action in parameters["ActionNames"]]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def _matched(decisions: list[Decision]) -> list[dict[str, str]]:
    names = {name for decision in decisions for name in decision.matched}
    return [{"SourcePolicyId": name, "SourcePolicyType": "IAM Policy"} for name in sorted(names)]


def _document(text: str | dict[str, Any]) -> Policy:
    return text if isinstance(text, dict) else dict(json.loads(text))
