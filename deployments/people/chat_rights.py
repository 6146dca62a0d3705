"""Who may do what in a chat, and with the accounts there: as `rights`, a sentence that refuses or ""."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import User

from deployments.people.principal import Principal

if TYPE_CHECKING:
    from deployments.catalog.models import Environment


def decide_refusal(principal: Principal, environment: "Environment") -> str:
    """For whoever decides from a chat, besides what a gate asks of everybody."""
    if not principal.chat or environment.decided_in_chat:
        return ""
    return f"Nobody decides on {environment} from a chat; open the gate's page and decide there."


def workspace_refusal(principal: Principal, verb: str) -> str:
    """`verb`: add, change or delete a workspace of a chat."""
    if principal.may(f"deployments.{verb}_chatworkspace"):
        return ""
    return f"You do not have the right to {verb} chat workspaces; ask an administrator for it."


def bind_refusal(principal: Principal) -> str:
    """An account is bound by its person on the page, never from a chat or by a token."""
    if principal.user is None or principal.through or principal.chat:
        return "Sign in on the page to say which chat account is yours."
    return "" if principal.user.is_active else "This account is not active any more."


def unbind_refusal(principal: Principal, owner: User) -> str:
    """Everybody unbinds their own."""
    if principal.user == owner or principal.may("deployments.delete_chataccount"):
        return ""
    return "You do not have the right to unbind somebody else's chat account; ask an administrator for it."
