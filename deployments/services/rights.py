"""Who may do what, in one place: the services refuse by it, and the pages say beforehand why."""

from django.contrib.auth.models import AnonymousUser, User

from deployments.models import Environment
from deployments.words import joined

Person = User | AnonymousUser


def turn_back_refusal(person: Person, environment: Environment) -> str:
    """For Stop, Roll back, Extend, Finish now and Retry; "" when they may."""
    if not person.has_perm("deployments.stop_deployment"):
        return "You do not have the right to stop or roll back; ask an administrator for it."
    return _outside(person, environment, "do that on")


def deploy_refusal(person: Person, environment: Environment | None = None) -> str:
    """Without an environment: whether they may deploy at all."""
    if not person.has_perm("deployments.add_deployment"):
        return "You do not have the right to deploy; ask an administrator for it."
    return _outside(person, environment, "deploy to") if environment else ""


def lock_refusal(person: Person) -> str:
    if not person.has_perm("deployments.lock_environment"):
        return "You do not have the right to lock or unlock environments; ask an administrator for it."
    return ""


def _outside(person: Person, environment: Environment, what: str) -> str:
    names = sorted(group.name for group in environment.deployers.all())
    if not names or person.is_superuser or person.groups.filter(name__in=names).exists():
        return ""
    return f"Only members of {joined(names, 'or')} may {what} {environment}."
