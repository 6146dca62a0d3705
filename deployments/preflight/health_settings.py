"""What the load balancer's health checks ask: whether an answer says anything, and the same in both slots or not."""

from collections.abc import Iterator, Mapping, Sequence

from deployments.aws.values import TargetGroup, TaskDefinition
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight import network
from deployments.preflight.health import GONE
from deployments.preflight.health_matcher import what_passes
from deployments.preflight.readings import NotLooked, Readings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.task_definition import network_mode
from deployments.preflight.words import listed, named
from deployments.words import counted

TRAFFIC_PORT = "traffic-port"
_ALIKE = "Give both target groups the same health check (ModifyTargetGroup, and where they are made)."

Settings = Mapping[str, str]


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """health-check-matcher, health-check-port"""
    for group in dict.fromkeys(readings.groups):
        yield _matcher(group)
    fixed = [group for group in readings.groups if group.health_port != TRAFFIC_PORT]
    if any(group.target_type == "instance" for group in fixed):
        yield from _of_instances(settings, readings.base(artefact), fixed)


def of_both_slots(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """Those of `check`, health-checks-alike and health-check-pace"""
    yield from check(settings, artefact, readings)
    if len({*readings.groups}) == 2:
        yield _alike(settings, artefact, readings)
        yield _pace(*readings.groups)


def _matcher(group: TargetGroup) -> Result:
    passes = what_passes(group)
    if not passes:
        expected = group.matcher or f"an open port ({group.health_protocol})"
        return ok("health-check-matcher", f"The health check of {group.name} passes by {expected} alone.")
    return warning(
        "health-check-matcher",
        f"The health check of {group.name} passes by {passes} too (GET {group.health_path}, matcher {group.matcher}). "
        "That says nothing about the application: a release that can do no more gets healthy, and traffic.",
        "Answer an exact path such as /healthz by a success, whatever the Host and without a redirect, and have the "
        f"matcher take {'0' if group.is_grpc else '200'} alone.",
    )


def _of_instances(
    settings: EnvironmentSettings, definition: TaskDefinition, fixed: Sequence[TargetGroup]
) -> Iterator[Result]:
    if network_mode(definition) != "bridge" or network.fixed_port(settings, definition):
        return
    for group in fixed:
        yield error(
            "health-check-port",
            f"{group.name} checks port {group.health_port} of the instance, but each task gets a port of its own there "
            "(host port 0): the check reaches none of them, and ECS makes no service with such a target group.",
            f"Set the port of the health check of {group.name} to {TRAFFIC_PORT}.",
        )


def _alike(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Result:
    one, other = readings.groups
    asked = {group.name: _asked(group, _own_port(settings, artefact, readings, group)) for group in (one, other)}
    names = _differing(*asked.values())
    if not names:
        given = {name: value for name, value in asked[one.name].items() if value}
        return ok("health-checks-alike", f"{one.name} and {other.name} are checked alike: {_spelled(given)}.")
    sides = listed(f"{name} {_spelled({each: of[each] for each in names})}" for name, of in asked.items())
    seen = f"The health checks of the two slots differ: {sides}."
    live, healthy, told = _running(readings)
    if not healthy or not live:
        return warning("health-checks-alike", f"{seen}{told}", _ALIKE)
    idle = other if live == one else one
    definition = readings.base(artefact)
    if "port" not in names or asked[idle.name]["port"] in _ports(definition):
        return warning("health-checks-alike", f"{seen}{told} A release has to answer that of {idle.name}.", _ALIKE)
    return error(
        "health-checks-alike",
        f"{seen}{told} The next release starts in {idle.name}, and no container of {named(definition.arn)} has port "
        f"{idle.health_port}: it would never get healthy.",
        f"Correct the port of the health check of {idle.name} (ModifyTargetGroup, and where it is made).",
    )


def _own_port(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings, group: TargetGroup) -> str:
    """The port that targets are registered with: of a task's own address the container's, else its instance's."""
    if group.target_type == "ip":
        return str(settings.container_port)
    if group.health_port == TRAFFIC_PORT and group.target_type == "instance":
        return str(network.fixed_port(settings, readings.base(artefact)) or TRAFFIC_PORT)
    return TRAFFIC_PORT


def _asked(group: TargetGroup, own_port: str) -> Settings:
    """What a target has to answer."""
    port = own_port if group.health_port == TRAFFIC_PORT else group.health_port
    return {"protocol": group.health_protocol, "port": port, "path": group.health_path, "matcher": group.matcher}


def _differing(one: Settings, other: Settings) -> list[str]:
    return [name for name in one if one[name] != other[name]]


def _spelled(asked: Settings) -> str:
    value = {name: asked.get(name) or "(none)" for name in ("protocol", "port", "path", "matcher")}
    said = {
        "protocol": f"protocol {value['protocol']}",
        "port": f"port {value['port']}",
        "path": f"path {value['path']}",
        "matcher": f"matcher {value['matcher']}",
    }
    return listed(said[name] for name in asked)


def _running(readings: Readings) -> tuple[TargetGroup | None, bool, str]:
    """Where the running release is, whether all of it is healthy there, and that in a sentence."""
    try:
        live = readings.live_target_group
        targets = [target for target in readings.live_targets if target.state not in GONE]
    except NotLooked:
        return None, False, ""
    if not targets:
        return live, False, f" Nothing runs in {live.name} now."
    healthy = sum(target.state == "healthy" for target in targets)
    of = f" {healthy} of {counted(len(targets), 'target')} healthy"
    if healthy == len(targets):
        return live, True, f" The running release answers that of {live.name},{of}."
    return live, False, f" The running release does not answer that of {live.name},{of}."


def _ports(definition: TaskDefinition) -> set[str]:
    containers = definition.document["containerDefinitions"]
    return {str(mapping.get("containerPort")) for each in containers for mapping in each.get("portMappings", ())}


def _pace(one: TargetGroup, other: TargetGroup) -> Result:
    paces = {group.name: _times(group) for group in (one, other)}
    if paces[one.name] == paces[other.name]:
        return ok("health-check-pace", f"Both slots are checked at the same pace: {paces[one.name]}.")
    return warning(
        "health-check-pace",
        f"The slots are checked at different paces: {listed(f'{name} {pace}' for name, pace in paces.items())}. "
        "Whether a release is fast enough, and when a sick one is noticed, depends on the slot that it gets.",
        _ALIKE,
    )


def _times(group: TargetGroup) -> str:
    return (
        f"every {group.health_interval} s, given up after {group.health_timeout} s, healthy after "
        f"{group.healthy_threshold} and unhealthy after {group.unhealthy_threshold}"
    )
