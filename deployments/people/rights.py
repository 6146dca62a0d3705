"""Who may do what, in one place: the services refuse by it, and the pages say beforehand why.

One function a question. Each answers "" when they may, or the sentence that says why not.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.auth.models import User

from deployments.people import scopes
from deployments.people.principal import Principal
from deployments.vocabulary import ActorKind, DeploymentKind
from deployments.words import full_stop, joined

if TYPE_CHECKING:
    from deployments.catalog.models import Application, Environment


@dataclass(frozen=True, kw_only=True)
class Deciders:
    """What a gate says of who may decide there."""

    #: the user who asked for the deployment
    requester_id: int
    requester_may_approve: bool
    #: names; empty: whoever has the right
    groups: Collection[str]
    #: the users who decided already
    decided: Collection[int]


def deploy_refusal(principal: Principal, environment: "Environment | None" = None) -> str:
    """Without an environment: whether they may deploy at all."""
    if refusal := _without_right(principal, "deployments.add_deployment", "deploy"):
        return refusal
    return _outside(principal, environment, "deploy to") if environment else ""


def kind_refusal(principal: Principal, kind: DeploymentKind) -> str:
    """Besides the right to deploy: for a repair and for a first release."""
    match kind:
        case DeploymentKind.REPAIR:
            return _without_right(principal, "deployments.repair_deployment", "deploy as a repair")
        case DeploymentKind.FIRST:
            return _without_right(principal, "deployments.first_deployment", "deploy a first release")
        case DeploymentKind.NORMAL:
            return ""


def turn_back_refusal(principal: Principal, environment: "Environment") -> str:
    """For Stop, Roll back, Extend, Finish now and Retry."""
    if refusal := _without_right(principal, "deployments.stop_deployment", "stop or roll back"):
        return refusal
    return _outside(principal, environment, "do that on")


def go_on_refusal(principal: Principal, environment: "Environment", *, unproven: bool = False) -> str:
    """For Go on now. It brings more traffic to a release, so a token that only turns back may not."""
    if refusal := turn_back_refusal(principal, environment):
        return refusal
    if principal.owner is None:
        return ""
    if unproven and principal.is_agent:
        return "An agent goes on by what was measured only; let a person confirm it where that is too little."
    return _without_right(principal, "deployments.add_deployment", "go on before its time")


def lock_refusal(principal: Principal, environment: "Environment | None" = None) -> str:
    """Without an environment: whether they may lock any."""
    if refusal := _without_right(principal, "deployments.lock_environment", "lock or unlock environments"):
        return refusal
    return _not_for(principal, environment) if environment else ""


def unlock_refusal(principal: Principal, environment: "Environment") -> str:
    """An agent opens what it has locked itself, and what somebody has locked so that an agent may open it."""
    if refusal := lock_refusal(principal, environment):
        return refusal
    is_its_own = environment.locked_through == principal.as_answerable
    if not (principal.is_agent and environment.is_locked) or is_its_own or environment.opens_to_agents:
        return ""
    return (
        f"{full_stop(environment.lock_sentence)} No agent opens a lock that somebody else has set: let them or another "
        "person open it, or lock it so that an agent may."
    )


def change_refusal(principal: Principal) -> str:
    """For an environment's settings."""
    return _without_right(principal, "deployments.change_environment", "change environments")


def change_application_refusal(principal: Principal) -> str:
    return _without_right(principal, "deployments.change_application", "change applications")


def retire_refusal(principal: Principal) -> str:
    """For retiring an environment, and for bringing it back."""
    return _without_right(principal, "deployments.retire_environment", "retire environments or bring them back")


def retire_application_refusal(principal: Principal) -> str:
    return _without_right(principal, "deployments.retire_application", "retire applications or bring them back")


def move_refusal(principal: Principal, environment: "Environment") -> str:
    """For moving an environment to another way to swap: its settings change, and what runs there is deployed anew."""
    return change_refusal(principal) or deploy_refusal(principal, environment)


def register_refusal(principal: Principal, application: "Application | None" = None) -> str:
    """For a release. Whoever may run commands at the server may register there, under any name."""
    if not principal.is_person and principal.owner is None:
        return ""
    if refusal := _without_right(principal, "deployments.add_release", "register releases"):
        return refusal
    if application and principal.applications is not None:
        if application.pk in principal.applications:
            return ""
        return f"The trust behind {principal} does not name {application} to register releases of; use one that does."
    keys = application.environments.values_list("pk", flat=True) if application else ()
    if application is None or principal.environments is None or any(principal.is_for(key) for key in keys):
        return ""
    return f"The token {principal.name} is for none of {application}'s environments; use one that is."


def view_refusal(principal: Principal, what: str) -> str:
    """`what`: a model's name, such as release."""
    return _without_right(principal, f"deployments.view_{what}", f"see {what}s")


def token_refusal(principal: Principal) -> str:
    """For making a token. One that a person shows at a terminal makes no other that would outlive it."""
    if principal.through:
        return "Tokens are made on the page API tokens, by whoever is signed in there."
    return _without_right(principal, "deployments.add_token", "make tokens")


def revoke_refusal(principal: Principal, owner: User) -> str:
    """Everybody ends their own."""
    if principal.user == owner:
        return ""
    return _without_right(principal, "deployments.change_token", "revoke somebody else's token")


def trust_refusal(principal: Principal) -> str:
    """For trusting a CI."""
    return _without_right(principal, "deployments.add_trust", "trust a CI")


def end_trust_refusal(principal: Principal, owner: User) -> str:
    """Everybody ends their own."""
    if principal.user == owner:
        return ""
    return _without_right(principal, "deployments.change_trust", "end somebody else's trust in a CI")


def webhook_refusal(principal: Principal, verb: str) -> str:
    """`verb`: add, change (and test, send again, turn off and on), delete."""
    return _without_right(principal, f"deployments.{verb}_webhooksubscription", f"{verb} webhooks")


def channel_refusal(principal: Principal, verb: str) -> str:
    """`verb`: add, change (its addresses, too: add, test, turn off and on, delete), delete."""
    return _without_right(principal, f"deployments.{verb}_notificationchannel", f"{verb} notification channels")


def own_notifications_refusal(principal: Principal, person: User | None) -> str:
    """Everybody says for themselves what they are told, and where; nobody for somebody else."""
    if principal.user is None:
        return "Sign in: everybody says for themselves what they are told."
    return "" if principal.user == person else "Only they themselves say what they are told, and where."


def forge_refusal(principal: Principal) -> str:
    """For connecting a forge, and for what of it is changed."""
    return _without_right(principal, "deployments.change_forge", "connect forges")


def decide_refusal(principal: Principal, gate: Deciders | None = None) -> str:
    """For Approve and Reject; without a gate: whether they may decide at all."""
    if principal.is_person and principal.user is None:
        return "Sign in to decide."
    if gate and _asked_for_it(principal, gate) and not gate.requester_may_approve:
        return "You asked for this deployment, so somebody else has to decide on it."
    if refusal := _without_right(principal, "deployments.decide_gate", "approve"):
        return refusal
    if gate and gate.groups and not principal.belongs_to(gate.groups):
        return f"Only members of {joined(sorted(gate.groups), 'or')} may decide at this gate."
    if gate and principal.user and principal.user.pk in gate.decided:
        return "You have already decided at this gate."
    return ""


def standing_refusal(principal: Principal, gate: Deciders) -> str:
    """Why somebody who has approved could not do so now, said to others."""
    if principal.user is None or not principal.user.is_active:
        return f"{principal} is not active any more."
    if _asked_for_it(principal, gate) and not gate.requester_may_approve:
        return f"{principal} asked for this deployment."
    if not principal.may("deployments.decide_gate"):
        return f"{principal} does not have the right to approve any more."
    if gate.groups and not principal.belongs_to(gate.groups):
        return f"{principal} is not in {joined(sorted(gate.groups), 'or')} any more."
    return ""


def look_again_refusal(principal: Principal) -> str:
    if decide_refusal(principal):
        return "You do not have the right to approve, so there is nothing to look at for you."
    return ""


def _without_right(principal: Principal, right: str, what: str) -> str:
    if principal.may(right):
        return ""
    if principal.is_person:
        return f"You do not have the right to {what}; ask an administrator for it."
    if principal.owner and (scope := scopes.giving(right)):
        if right in principal.rights:
            is_token = principal.kind is ActorKind.TOKEN
            called = f"the token {principal.name}" if is_token else f"the {principal.name}"
            return f"{principal.owner} answers for {called}, and does not have the right to {what}."
        return f"The token {principal.name} was not given the right to {what}; use one with the scope {scope}."
    kind = "a token" if principal.kind is ActorKind.TOKEN else "Tealgate itself"
    return f"Only people may {what}, and {principal.name} is {kind}. Sign in as somebody who has the right to."


def _asked_for_it(principal: Principal, gate: Deciders) -> bool:
    return principal.user is not None and principal.user.pk == gate.requester_id


def _outside(principal: Principal, environment: "Environment", what: str) -> str:
    if refusal := _not_for(principal, environment):
        return refusal
    names = environment.deployer_names
    person = principal.answerable
    if not names or (person and person.is_superuser) or principal.belongs_to(names):
        return ""
    return f"Only members of {joined(names, 'or')} may {what} {environment}."


def _not_for(principal: Principal, environment: "Environment") -> str:
    if principal.is_for(environment.pk):
        return ""
    return f"The token {principal.name} was not made for {environment}; use one that was."
