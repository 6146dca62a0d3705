"""What the frame around every page shows: the sidebar, the badge of waiting gates, the installation's label."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse

from deployments.delivery.models import Gate
from deployments.languages.told import told
from deployments.people.principal import Principal


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Only what this person may see; a group without items is left out by the template."""
    return [
        {"items": _releasing(request)},
        _group("Set-up", _permitted(request, _SETTING_UP)),
        _group("Record", _permitted(request, _RECORD)),
        _group("Operations", _permitted(request, _OPERATIONS), collapsible=True),
        _group("People", _permitted(request, _PEOPLE), collapsible=True),
    ]


def account_links(request: HttpRequest) -> list[dict[str, Any]]:
    """In the menu of whoever is signed in."""
    links = [
        _item("My notifications", reverse("notifications")),
        _item("Terminals", reverse("device")),
        _item("Chat accounts", reverse("chat_accounts")),
    ]
    if isinstance(request.user, User) and request.user.has_usable_password():
        links.append(_item("Change password", reverse("admin:password_change")))
    return links


def waiting_gates(request: HttpRequest) -> list[Gate]:
    """Gates this person may decide now; asked once a request, since sidebar and board both show it."""
    found: list[Gate] | None = getattr(request, "_tealgate_waiting", None)
    if found is None:
        found = Gate.objects.for_person(Principal.person(request.user))
        request._tealgate_waiting = found  # type: ignore[attr-defined]
    return found


def frame(request: HttpRequest) -> dict[str, Any]:
    """For every page, the login page included."""
    said: dict[str, Any] = {"demo": settings.DEMO, "tealgate_version": settings.VERSION}
    if settings.DEMO:
        said |= {"demo_people": settings.DEMO_PEOPLE, "demo_password": settings.DEMO_PASSWORD}
    return said


def installation_label(request: HttpRequest) -> list[str] | None:
    """On every page: a demo, so that nobody mistakes it for the real thing, and a connection that others can read."""
    if settings.DEMO:
        return [told("Demo"), "info"]
    return [told("Plain HTTP: not encrypted"), "danger"] if settings.PLAIN_HTTP else None


#: (title, icon, page of the admin, right)
_RELEASING = (
    ("Deployments", "rocket_launch", "deployments_deployment_changelist", "deployments.view_deployment"),
    ("Releases", "package_2", "deployments_release_changelist", "deployments.view_release"),
    ("Gates", "approval_delegation", "deployments_gate_changelist", "deployments.view_gate"),
)
_SETTING_UP = (
    ("Environments", "dns", "deployments_environment_changelist", "deployments.view_environment"),
    ("Applications", "deployed_code", "deployments_application_changelist", "deployments.view_application"),
    ("Forges", "fork_right", "deployments_forge_changelist", "deployments.view_forge"),
    (
        "Notification channels",
        "campaign",
        "deployments_notificationchannel_changelist",
        "deployments.view_notificationchannel",
    ),
    ("Webhooks", "webhook", "deployments_webhooksubscription_changelist", "deployments.view_webhooksubscription"),
    ("Chat workspaces", "forum", "deployments_chatworkspace_changelist", "deployments.view_chatworkspace"),
)
_RECORD = (
    ("Events", "history", "deployments_event_changelist", "deployments.view_event"),
    ("Approvals", "how_to_vote", "deployments_approval_changelist", "deployments.view_approval"),
)
_OPERATIONS = (
    ("Operators' alerts", "crisis_alert", "deployments_operatoralert_changelist", "deployments.view_operatoralert"),
    ("Queue", "pending_actions", "django_q_ormq_changelist", "django_q.view_ormq"),
    ("Failed tasks", "error", "django_q_failure_changelist", "django_q.view_failure"),
    ("Sign-in attempts", "lock_person", "axes_accessattempt_changelist", "axes.view_accessattempt"),
)
_PEOPLE = (
    ("API tokens", "key", "deployments_token_changelist", "deployments.view_token"),
    ("CI trust", "handshake", "deployments_trust_changelist", "deployments.view_trust"),
    ("Users", "person", "auth_user_changelist", "auth.view_user"),
    ("Groups", "group", "auth_group_changelist", "auth.view_group"),
)


def _group(title: str, items: list[dict[str, Any]], **more: bool) -> dict[str, Any]:
    return {"title": told(title), "separator": True, "items": items, **more}


def _item(title: str, link: str, icon: str = "") -> dict[str, Any]:
    """`name`: what it is called in English, by which it is found too."""
    return {"title": told(title), "name": title, "icon": icon, "link": link}


def _releasing(request: HttpRequest) -> list[dict[str, Any]]:
    board = _item("Board", reverse("admin:index"), "dashboard")
    items = [board, _inbox(request), *_permitted(request, _RELEASING)]
    if waiting := len(waiting_gates(request)):
        # Only with a number: the template draws an empty badge too.
        items[-1] |= {"badge": str(waiting), "badge_variant": "warning", "badge_style": "solid"}
    return items


def _inbox(request: HttpRequest) -> dict[str, Any]:
    """Its badge is drawn by the page's script, which asks for it all the time anyway."""
    return _item("Inbox", reverse("admin:deployments_notice_changelist"), "inbox")


def _permitted(request: HttpRequest, entries: tuple[tuple[str, str, str, str], ...]) -> list[dict[str, Any]]:
    return [
        _item(title, reverse(f"admin:{page}"), icon)
        for title, icon, page, right in entries
        if request.user.has_perm(right)
    ]
