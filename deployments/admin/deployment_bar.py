"""The bar at the bottom of a deployment's page: the one thing to do now, one more, and the rest in a menu."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from deployments.admin.deployment_actions import Verb
from deployments.delivery.views.deployment import DeploymentView
from deployments.delivery.views.reader_actions import Act, ActionView
from deployments.vocabulary import Status

#: from where people are sent to what they may need most
_TURNED_BACK = (Status.STOPPED, Status.ROLLBACK_SUCCESSFUL, Status.ROLLBACK_FAILED, Status.FAILED)


@dataclass(frozen=True, kw_only=True)
class Button:
    label: str
    icon: str
    href: str
    #: the dialog that opens instead, where scripts run; "" = none
    verb: str = ""
    is_dangerous: bool = False
    #: nothing has to be done: it only could
    is_quiet: bool = False
    #: until when it can be pressed; None = no end is known
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Bar:
    first: Button | None
    second: Button | None
    more: tuple[Button, ...]
    #: why nobody can do anything here; "" when somebody may
    note: str
    #: what its buttons' dialogs ask
    verbs: tuple[Verb, ...]


def bar(view: DeploymentView, verbs: Mapping[str, Verb], retired: str) -> Bar:
    """What the reader may not do is not there. `retired`: why nobody does anything in the environment; "" = they do."""
    buttons = list(_buttons(view))
    beside = next((button for button in buttons[1:3] if button.is_dangerous or button.verb == "finish"), None)
    return Bar(
        first=buttons[0] if buttons else None,
        second=beside,
        more=tuple(button for button in buttons[1:] if button is not beside),
        note=retired if not buttons and view.actions else "",
        verbs=tuple(verbs[button.verb] for button in buttons if button.verb),
    )


def _buttons(view: DeploymentView) -> Iterator[Button]:
    """What matters most first."""
    allowed = {action.act: action for action in view.actions if action.allowed}
    if Act.APPROVE in allowed and view.gate:
        decide = reverse("admin:deployments_gate_change", args=[view.gate.id])
        yield Button(label="Approve or reject", icon="front_hand", href=decide)
    turned_back = view.status in _TURNED_BACK and view.failure is not None
    if turned_back and Act.RETRY not in allowed:
        yield _what_went_wrong()
    yield from _ways_on(view, allowed)
    if turned_back and Act.RETRY in allowed:
        yield _what_went_wrong()
    yield from _further(view, allowed)


def _what_went_wrong() -> Button:
    return Button(label="What went wrong", icon="troubleshoot", href="#failure")


def _ways_on(view: DeploymentView, allowed: Mapping[Act, ActionView]) -> Iterator[Button]:
    again = "Go back" if view.status == Status.FAILED else "Retry roll back"
    known = (
        (Act.ROLL_BACK, "Roll back", "undo", True),
        (Act.RETRY, again, "replay", True),
        (Act.FINISH, "Finish now", "done_all", False),
        (Act.GO_ON, "Go on now", "fast_forward", False),
        (Act.EXTEND, "Extend", "more_time", False),
        (Act.STOP, "Stop", "stop_circle", True),
    )
    for act, label, icon, dangerous in known:
        if act in allowed:
            href = reverse("admin:deployments_deployment_do", args=[view.id, act.value])
            until = view.kept_until if act is Act.ROLL_BACK else None
            yield Button(
                label=label, icon=icon, href=href, verb=act.value, is_dangerous=dangerous, is_quiet=act is Act.STOP,
                until=until,
            )  # fmt: skip


def _further(view: DeploymentView, allowed: Mapping[Act, ActionView]) -> Iterator[Button]:
    back, again = allowed.get(Act.GO_BACK), allowed.get(Act.DEPLOY_AGAIN)
    if back and back.release:
        reason = f"Back from {view.release.version}"
        yield Button(
            label=f"Go back to {back.release.version}", icon="undo", is_quiet=True,
            href=_deploy(view, back.release.id, reason),
        )  # fmt: skip
    if again:
        yield Button(
            label="Deploy again", icon="replay", is_quiet=True, href=_deploy(view, view.release.id, view.reason)
        )


def _deploy(view: DeploymentView, release: int, reason: str) -> str:
    asked = urlencode({"release": release, "environment": view.environment.id, "reason": reason})
    return f"{reverse('admin:deployments_deployment_add')}?{asked}"
