"""Who may do what, in one place: the services refuse by it, and the pages say beforehand why."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser, User

from deployments.frozen import GateSpec
from deployments.words import counted, joined, stage_label

if TYPE_CHECKING:
    from deployments.catalog.models import Environment

Person = User | AnonymousUser

#: The one that knows rights; the other only counts failed sign-ins.
_BACKEND = "django.contrib.auth.backends.ModelBackend"


def turn_back_refusal(person: Person, environment: "Environment") -> str:
    """For Stop, Roll back, Extend, Finish now and Retry; "" when they may."""
    if not person.has_perm("deployments.stop_deployment"):
        return "You do not have the right to stop or roll back; ask an administrator for it."
    return _outside(person, environment, "do that on")


def deploy_refusal(person: Person, environment: "Environment | None" = None) -> str:
    """Without an environment: whether they may deploy at all."""
    if not person.has_perm("deployments.add_deployment"):
        return "You do not have the right to deploy; ask an administrator for it."
    return _outside(person, environment, "deploy to") if environment else ""


def look_again_refusal(person: Person) -> str:
    """For having AWS looked at while a gate is open."""
    if not person.has_perm("deployments.decide_gate"):
        return "You do not have the right to approve, so there is nothing to look at for you."
    return ""


def lock_refusal(person: Person) -> str:
    if not person.has_perm("deployments.lock_environment"):
        return "You do not have the right to lock or unlock environments; ask an administrator for it."
    return ""


def gate_refusal(gate: GateSpec, requester: User | None = None) -> str:
    """Why a gate could never open: too few may decide there. "" when it can.

    Without a requester: whoever asks. With one, they count only where the gate lets the requester decide.
    """
    people = User.objects.with_perm("deployments.decide_gate", backend=_BACKEND)
    if gate.groups:
        people = people.filter(groups__name__in=gate.groups).distinct()
    left_out = None if gate.requester_may_approve else requester
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


def _outside(person: Person, environment: "Environment", what: str) -> str:
    names = sorted(group.name for group in environment.deployers.all())
    if not names or person.is_superuser or person.groups.filter(name__in=names).exists():
        return ""
    return f"Only members of {joined(names, 'or')} may {what} {environment}."
