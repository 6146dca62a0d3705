"""The four roles as groups. Run again after an upgrade: rights that a new version brings are added."""

from collections.abc import Mapping

from django.contrib.auth.models import Group, Permission

VIEWERS, MANAGERS, APPROVERS, ADMINISTRATORS = "Viewers", "Release managers", "Approvers", "Administrators"

_SEEN = ("application", "environment", "gatepolicy", "smokecheck", "oneofftask", "webhook", "release", "releaseimage",
         "deployment", "stagerun", "gate", "approval", "event")  # fmt: skip
_VIEW = tuple(f"deployments.view_{model}" for model in _SEEN)
_EDITED = ("application", "environment", "gatepolicy", "smokecheck", "oneofftask", "webhook")
_DEPLOY = (
    "deployments.add_release",
    "deployments.add_deployment",
    "deployments.stop_deployment",
    "deployments.lock_environment",
)
_ADMINISTER = (
    *(f"deployments.{verb}_{model}" for model in _EDITED for verb in ("add", "change", "delete")),
    *(f"auth.{verb}_user" for verb in ("view", "add", "change")),
    *(f"auth.{verb}_group" for verb in ("view", "add", "change", "delete")),
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
    """Role to the number of its rights that were missing. Never takes a right away: people add their own."""
    added = {}
    for name, wanted in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        rights = [_permission(right) for right in wanted]
        missing = [right for right in rights if not group.permissions.filter(pk=right.pk).exists()]
        group.permissions.add(*missing)
        added[name] = len(missing)
    return added


def _permission(right: str) -> Permission:
    app, codename = right.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)
