"""A gate unless somebody says no: where people are asked if nothing else is said, and who says that nobody has to be.

A deployment group that waits in Ready waits for a person too: there it lets CodeDeploy go on by itself.
"""

from datetime import datetime

from django.db import transaction

from deployments import swaps
from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.catalog.environments import LONGEST_MESSAGE
from deployments.catalog.models import Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.frozen import GateSpec
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.people.roles import APPROVERS
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.texts import typed
from deployments.vocabulary import ComputePlatform, Controller, Stage


def default_gate(controller: str) -> GateSpec:
    """With the release up for a look and production untouched, or where this controller can stop before it begins."""
    stages = swaps.get(controller).gate_stages
    stage = Stage.POST_TEST_TRAFFIC_SHIFT if Stage.POST_TEST_TRAFFIC_SHIFT in stages else stages[0]
    return GateSpec(stage=stage, groups=(APPROVERS,))


def let_go_on(*, environment: Environment, principal: Principal, reason: str, now: datetime) -> None:
    """From the next deployment on nobody has to approve, and CodeDeploy is told to go on from Ready without a gate.

    Raises Refused without the right, without a reason, where a gate asks people anyway, when it is said already, or
    when it is retired.
    """
    _require_right(principal)
    if environment.gate_policies.exists() and (not may_wait(environment) or _installs_in_place(environment)):
        raise Refused(f"{environment} has a gate, where people are asked. Delete it first if nobody has to approve.")
    reason = typed(reason, most=LONGEST_MESSAGE, what="The reason", field="reason")
    if not reason:
        raise Refused("Say why nobody has to approve; it is shown with every deployment.", field="reason")
    with transaction.atomic():
        changed = Environment.objects.filter(IN_USE, pk=environment.pk, unattended_at__isnull=True).update(
            unattended_by=principal.user, unattended_at=now, unattended_reason=reason
        )
        environment.refresh_from_db()
        if not changed:
            raise Refused(environment.retired_refusal or environment.unattended_sentence)
        append_event(
            environment, "environment.unattended", f"Nobody has to approve: {reason}", now=now, principal=principal
        )


def why_unasked(environment: Environment) -> str:
    """Of an environment without a gate; "" with one."""
    return "" if environment.gate_policies.exists() else reason(environment)


def reason(environment: Environment) -> str:
    """Why it needs no gate, as far as somebody has said it."""
    return environment.unattended_sentence or "Nobody has said why nobody has to approve."


def may_be_said(environment: Environment) -> bool:
    """Whether it makes a difference there that nobody has to approve."""
    return may_wait(environment) or not environment.gate_policies.exists()


def may_wait(environment: Environment) -> bool:
    """Whether CodeDeploy may wait in Ready there: not on servers that were seen to be installed on in place."""
    if environment.controller != Controller.CODE_DEPLOY:
        return False
    seen = environment.deployments.filter(facts__has_key="group").order_by("-pk").values_list("facts", flat=True)
    last = seen.first() if _is_servers(environment) else None
    return not (last and last["group"].get("in_place"))


def ask_again(*, environment: Environment, principal: Principal, now: datetime) -> None:
    """Raises Refused without the right, when nobody had said that nobody has to approve, or when it is retired."""
    _require_right(principal)
    with transaction.atomic():
        changed = Environment.objects.filter(IN_USE, pk=environment.pk, unattended_at__isnull=False).update(
            unattended_by=None, unattended_at=None, unattended_reason=""
        )
        environment.refresh_from_db()
        if not changed:
            unsaid = f"Nobody has said that nobody has to approve in {environment}."
            raise Refused(environment.retired_refusal or unsaid)
        sentence = "Somebody has to approve again"
        append_event(environment, "environment.attended", sentence, now=now, principal=principal)


def _is_servers(environment: Environment) -> bool:
    return environment.compute_platform == ComputePlatform.SERVER


def _installs_in_place(environment: Environment) -> bool:
    """As the group says now; False where AWS does not answer: preflight will say it."""
    if not _is_servers(environment):
        return False
    place = environment.codedeploy_application, environment.codedeploy_group
    try:
        return connect(environment.binding).deployment_group(*place).style == "IN_PLACE"
    except AwsError:
        return False


def _require_right(principal: Principal) -> None:
    if refusal := rights.change_refusal(principal):
        raise Refused(refusal)
