"""A deployment group that waits in Ready waits for a person: who says that CodeDeploy may go on by itself, and why."""

from datetime import datetime

from django.db import transaction

from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.catalog.environments import LONGEST_MESSAGE
from deployments.catalog.models import Environment
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.texts import typed
from deployments.vocabulary import ComputePlatform, Controller


def let_go_on(*, environment: Environment, principal: Principal, reason: str, now: datetime) -> None:
    """From the next deployment on, CodeDeploy is told to go on from Ready without a gate.

    Raises Refused without the right, without a reason, where nothing waits in Ready, or when it is said already.
    """
    _require_right(principal)
    if environment.controller != Controller.CODE_DEPLOY:
        raise Refused(f"{environment} is not deployed to by CodeDeploy, so nothing there waits in Ready.")
    if not may_wait(environment) or _installs_in_place(environment):
        raise Refused(
            f"CodeDeploy installs in place on the servers of {environment.codedeploy_group}, so nothing there waits in "
            "Ready."
        )
    reason = typed(reason, most=LONGEST_MESSAGE, what="The reason", field="reason")
    if not reason:
        raise Refused("Say why nobody has to approve; it is shown with every deployment.", field="reason")
    with transaction.atomic():
        changed = Environment.objects.filter(pk=environment.pk, unattended_at__isnull=True).update(
            unattended_by=principal.user, unattended_at=now, unattended_reason=reason
        )
        environment.refresh_from_db()
        if not changed:
            raise Refused(environment.unattended_sentence)
        sentence = f"CodeDeploy may go on from Ready by itself: {reason}"
        append_event(environment, "environment.unattended", sentence, now=now, principal=principal)


def may_wait(environment: Environment) -> bool:
    """Whether CodeDeploy may wait in Ready there: not on servers that were seen to be installed on in place."""
    if environment.controller != Controller.CODE_DEPLOY:
        return False
    seen = environment.deployments.filter(facts__has_key="group").order_by("-pk").values_list("facts", flat=True)
    last = seen.first() if _is_servers(environment) else None
    return not (last and last["group"].get("in_place"))


def ask_again(*, environment: Environment, principal: Principal, now: datetime) -> None:
    """Raises Refused without the right, or when nobody had said that it may go on."""
    _require_right(principal)
    with transaction.atomic():
        changed = Environment.objects.filter(pk=environment.pk, unattended_at__isnull=False).update(
            unattended_by=None, unattended_at=None, unattended_reason=""
        )
        environment.refresh_from_db()
        if not changed:
            raise Refused(f"Nobody has said that CodeDeploy may go on by itself in {environment}.")
        sentence = "CodeDeploy waits in Ready for an approval again"
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
