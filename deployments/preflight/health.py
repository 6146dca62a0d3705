"""The load balancer's health check on the live slot: what fails there now fails for the release as well."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from deployments.aws.values import Target, TargetGroup
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import services
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok, unknown, warning
from deployments.red import Ailment
from deployments.vocabulary import DeploymentKind
from deployments.words import counted

#: states of targets that are on their way out
GONE = {"draining", "unhealthy.draining"}

_HOST_HEADER = (
    "400 is Django's answer to an unknown Host: the health check sends the target's private IP as Host "
    "header. Answer "
    "{path} in a middleware placed first, before anything asks for the host, or add the task's own IP to "
    "ALLOWED_HOSTS; not '*'."
)
_REDIRECT = (
    "The application redirects the health check, as SECURE_SSL_REDIRECT does to HTTPS. Answer {path} in a "
    "middleware "
    "placed before SecurityMiddleware, or give the exact path with its trailing slash; do not widen the "
    "matcher."
)
_TIMEOUT = (
    "Nothing answered in {timeout} s: check that the container listens on 0.0.0.0 and this port, that the "
    "security "
    "group lets the load balancer in, and that {path} waits for nothing slow."
)
_STATUS_FIXES = {
    "400": _HOST_HEADER,
    "301": _REDIRECT,
    "302": _REDIRECT,
    "307": _REDIRECT,
    "308": _REDIRECT,
    "401": "{path} asks for a login; give the health check a path that does not.",
    "403": "{path} refuses the load balancer; give the health check a path that anyone may read.",
    "404": "There is no {path} in the application; correct the health check path of the target group.",
}


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """health-check"""
    group = readings.live_target_group
    targets = [target for target in readings.live_targets if target.state not in GONE]
    healthy = [target for target in targets if target.state == "healthy"]
    sick = [target for target in targets if target.state not in {"healthy", "initial"}]
    if not targets and settings.may_run_nothing and not settings.desired(readings.source.desired):
        yield warning(
            "health-check",
            f"{group.name} is live, but has no targets while {readings.source.name} is to run no task: its visitors "
            "get 503.",
            f"Scale {readings.source.name} up when somebody needs it.",
        )
    elif not targets:
        yield error(
            "health-check",
            f"{group.name} is live, but has no targets: its visitors get 503.",
            "Look at the events of its service: its tasks do not start, or are not registered.",
            ails=(Ailment.TARGETS, group.arn),
        )
    elif sick:
        yield _sick(group, targets, healthy, sick)
    elif len(healthy) == len(targets):
        yield ok(
            "health-check",
            f"{len(healthy)} of {counted(len(targets), 'target')} of {group.name} healthy: "
            f"{group.health_path} answers {group.matcher}.",
        )
    elif healthy:
        yield unknown("health-check", f"Targets of {group.name} are still being checked for the first time.")
    else:
        yield _starting(settings, group, readings)


def _starting(settings: EnvironmentSettings, group: TargetGroup, readings: Readings) -> Result:
    """Between two deaths the tasks of a sick service look like those of one that was just started."""
    sick = settings.kind == DeploymentKind.REPAIR or services.does_not_get_on(readings.source)
    return error(
        "health-check",
        f"No target of the live {group.name} is healthy: all are still being checked for the first time.",
        "Look again in half a minute: nothing shows yet whether what runs works.",
        ails=(Ailment.TARGETS, group.arn) if sick else None,
    )


def _sick(group: TargetGroup, targets: Sequence[Target], healthy: Sequence[Target], sick: Sequence[Target]) -> Result:
    # The commonest trouble is the one to explain; the others are often its echo.
    (reason, said), _ = Counter((target.reason, target.description) for target in sick).most_common(1)[0]
    seen = (
        f"{len(sick)} of {counted(len(targets), 'target')} of the live {group.name} "
        f"{'is' if len(sick) == 1 else 'are'} {sick[0].state}: {said or reason or 'AWS gives no reason'} "
        f"(GET {group.health_path}, expected {group.matcher})."
    )
    fix = _fix(group, reason, said)
    if healthy:
        return warning("health-check", seen, fix)
    return error("health-check", seen, fix, ails=(Ailment.TARGETS, group.arn))


def _fix(group: TargetGroup, reason: str, said: str) -> str:
    codes = re.findall(r"\b[1-5]\d\d\b", said)
    if codes:
        text = _STATUS_FIXES.get(codes[0])
        if text is None and codes[0].startswith("5"):
            text = "{path} itself fails: read the container's log, and keep databases and caches out of it."
        text = text or "Make {path} answer the target group's matcher."
    elif reason == "Target.Timeout" or "timed out" in said.lower():
        text = _TIMEOUT
    elif reason == "Target.NotInUse":
        text = "No listener rule uses the target group; attach it to the production rule."
    else:
        text = "Read the container's log, and ask for {path} from within the VPC."
    return text.format(path=group.health_path, timeout=group.health_timeout)
