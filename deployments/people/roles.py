"""The four roles as groups. Run again after an upgrade: rights that a new version brings are added."""

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission

from deployments.words import ROLE_NAMES

VIEWERS, MANAGERS, APPROVERS, ADMINISTRATORS = ROLE_NAMES

_SEEN = ("application", "environment", "gatepolicy", "smokecheck", "oneofftask", "webhook", "release", "releaseimage",
         "deployment", "stagerun", "gate", "approval", "event")  # fmt: skip
_VIEW = tuple(f"deployments.view_{model}" for model in _SEEN)
_EDITED = ("application", "environment", "gatepolicy", "smokecheck", "oneofftask", "webhook")
_DEPLOY = (
    "deployments.add_release",
    "deployments.add_deployment",
    "deployments.stop_deployment",
    "deployments.repair_deployment",
    "deployments.first_deployment",
    "deployments.lock_environment",
    "deployments.add_token",
    "deployments.view_token",
    "deployments.view_webhooksubscription",
    "deployments.view_notificationchannel",
)
_ADMINISTER = (
    *(f"deployments.{verb}_{model}" for model in _EDITED for verb in ("add", "change", "delete")),
    "deployments.retire_environment", "deployments.retire_application",
    "deployments.change_token",
    "deployments.add_trust", "deployments.change_trust", "deployments.view_trust",
    *(f"deployments.{verb}_webhooksubscription" for verb in ("add", "change", "delete")),
    *(f"deployments.{verb}_notificationchannel" for verb in ("add", "change", "delete")),
    *(f"deployments.{verb}_forge" for verb in ("view", "add", "change", "delete")),
    *(f"deployments.{verb}_chatworkspace" for verb in ("view", "add", "change", "delete")),
    "deployments.view_chataccount", "deployments.delete_chataccount",
    *(f"auth.{verb}_user" for verb in ("view", "add", "change")),
    *(f"auth.{verb}_group" for verb in ("view", "add", "change", "delete")),
    "deployments.view_operatoralert",
    "django_q.view_ormq", "django_q.view_failure", "django_q.delete_failure",
    "axes.view_accessattempt", "axes.delete_accessattempt",
)  # fmt: skip

ROLES: Mapping[str, tuple[str, ...]] = {
    VIEWERS: _VIEW,
    MANAGERS: (*_VIEW, *_DEPLOY),
    APPROVERS: (*_VIEW, "deployments.decide_gate"),
    # Deciding at gates is left out on purpose: who runs the tool does not thereby approve releases.
    ADMINISTRATORS: (*_VIEW, *_DEPLOY, *_ADMINISTER),
}


def ensure_roles() -> dict[str, int]:
    """Role to the number of its rights that were missing. Never takes a right away: people add their own.

    Raises KeyError for a right that does not exist, which only a mistake in this file can cause.
    """
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    added = {}
    for name, rights in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        missing = {known[right] for right in rights} - set(group.permissions.values_list("pk", flat=True))
        group.permissions.add(*missing)
        added[name] = len(missing)
    return added
