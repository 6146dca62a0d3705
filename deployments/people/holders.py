"""Who may do something: what `rights` answers for one person, for all of them by one query."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from deployments.people.principal import Principal
from deployments.people.rights import Deciders
from deployments.words import counted, joined, stage_label

if TYPE_CHECKING:
    from deployments.catalog.models import Environment
    from deployments.frozen import GateSpec

#: The one that knows rights; the other only counts failed sign-ins.
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def who_may(right: str) -> QuerySet[User]:
    """Whoever is active and has Django's permission, such as deployments.view_deployment."""
    return User.objects.with_perm(right, backend=_BACKEND)


def who_decide(gate: Deciders) -> QuerySet[User]:
    """Whom `rights.decide_refusal` would let decide at this gate, each once, by one query."""
    people = who_may("deployments.decide_gate").exclude(pk__in=gate.decided)
    if not gate.requester_may_approve:
        people = people.exclude(pk=gate.requester_id)
    return people.filter(groups__name__in=gate.groups).distinct() if gate.groups else people


def who_turn_back(environment: "Environment") -> QuerySet[User]:
    """Whom `rights.turn_back_refusal` would let stop and roll back there."""
    people, groups = who_may("deployments.stop_deployment"), environment.deployers.all()
    if not groups:
        return people
    return people.filter(Q(is_superuser=True) | Q(groups__in=groups)).distinct()


def gate_refusal(gate: "GateSpec", requester: Principal | None = None) -> str:
    """Why a gate could never open: too few may decide there.

    Without a requester: whoever asks. With one, they count only where the gate lets the requester decide.
    """
    people = who_may("deployments.decide_gate")
    if gate.groups:
        people = people.filter(groups__name__in=gate.groups).distinct()
    left_out = requester.answerable if requester and not gate.requester_may_approve else None
    if left_out:
        people = people.exclude(pk=left_out.pk)
    names = [person.get_username() for person in people.order_by("username")[: gate.approvals]]
    if len(names) >= gate.approvals:
        return ""
    may = f"only {joined(names)} may" if names else "nobody may"
    besides = f" when {left_out.get_username()} asks" if left_out else ""
    of = f" who are in {joined(list(gate.groups), 'or')}" if gate.groups else ""
    return (
        f"The gate at {stage_label(gate.stage)} needs {counted(gate.approvals, 'approval')}, but {may} give one"
        f"{besides}. Let an administrator give more people{of} the right to approve, or ask for fewer approvals."
    )
