"""Account settings: what was set for one principal, for everybody, or by nobody."""

from sandbox.account import ACCOUNT
from sandbox.ecs.errors import InvalidParameter
from sandbox.ecs.model import Json
from sandbox.ecs.pages import page
from sandbox.ecs.store import Store

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
SWITCH = ("enabled", "disabled")
# Values by name, AWS's own first.
VALUES: dict[str, tuple[str, ...]] = {
    "serviceLongArnFormat": SWITCH,
    "taskLongArnFormat": SWITCH,
    "containerInstanceLongArnFormat": SWITCH,
    "awsvpcTrunking": ("disabled", "enabled"),
    "containerInsights": ("disabled", "enabled", "enhanced"),
    "fargateFIPSMode": ("disabled", "enabled"),
    "tagResourceAuthorization": ("on", "off"),
    "fargateTaskRetirementWaitPeriod": ("7", "0", "14"),
    "guardDutyActivate": ("off", "on"),
    "defaultLogDriverMode": ("non-blocking", "blocking"),
    "fargateEventWindows": ("disabled", "enabled"),
}
AWS_MANAGED = ("guardDutyActivate",)


def put_account_setting(store: Store, request: Json) -> Json:
    """For one principal; the root user's is everybody's default."""
    name, value = request["name"], request["value"]
    if value not in _known(name):
        raise InvalidParameter(f"Invalid value {value} for the account setting {name}.")
    if name in AWS_MANAGED:
        raise InvalidParameter(f"The account setting {name} is managed by AWS and cannot be changed.")
    principal = request.get("principalArn") or ROOT
    store.account_settings[principal, name] = value
    return {"setting": _setting(name, value, principal)}


def put_account_setting_default(store: Store, request: Json) -> Json:
    return put_account_setting(store, {"name": request["name"], "value": request["value"]})


def delete_account_setting(store: Store, request: Json) -> Json:
    name, principal = request["name"], request.get("principalArn") or ROOT
    _known(name)
    value = store.account_settings.pop((principal, name), "")
    return {"setting": _setting(name, value, principal)}


def list_account_settings(store: Store, request: Json) -> Json:
    """What somebody set for the principal; with effectiveSettings what counts, whoever set it."""
    name, principal = request.get("name"), request.get("principalArn") or ROOT
    if request.get("value") is not None and not name:
        raise InvalidParameter("A value can only be looked for together with the name of a setting.")
    if name:
        _known(name)
    found = {}
    for each in [name] if name else VALUES:
        own = store.account_settings.get((principal, each))
        value = effective(store, each, principal) if request.get("effectiveSettings") else own
        if value is not None and request.get("value") in (None, value):
            found[each] = _setting(each, value, principal)
    answer = page(list(found), request, "settings")
    answer["settings"] = [found[each] for each in answer["settings"]]
    return answer


def effective(store: Store, name: str, principal: str = ROOT) -> str:
    settings = store.account_settings
    return settings.get((principal, name)) or settings.get((ROOT, name)) or VALUES[name][0]


def _known(name: str) -> tuple[str, ...]:
    if name not in VALUES:
        raise InvalidParameter(f"Unrecognized account setting: {name}.")
    return VALUES[name]


def _setting(name: str, value: str, principal: str) -> Json:
    kind = "aws_managed" if name in AWS_MANAGED else "user"
    return {"name": name, "value": value, "principalArn": principal, "type": kind}
