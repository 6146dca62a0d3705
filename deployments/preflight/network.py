"""Whether the load balancer's packets get to the tasks: host ports and security groups."""

from collections.abc import Iterator, Mapping, Sequence

from deployments.aws.values import SecurityGroupRule, TaskDefinition
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok, unknown, warning
from deployments.preflight.task_definition import network_mode
from deployments.preflight.words import listed, named

#: where docker puts host port 0
EPHEMERAL = (32768, 65535)

ANYWHERE = {"0.0.0.0/0", "::/0"}

Ports = tuple[int, int]
Rules = Mapping[str, tuple[SecurityGroupRule, ...]]


def host_port(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """host-port: fixed ports keep two tasks, so two slots, off one instance."""
    definition = readings.base(artefact)
    mode, port = network_mode(definition), _host_port(settings, definition)
    if mode == "host":
        yield warning(
            "host-port",
            f"With network mode host, port {settings.container_port} is free for only one task an instance: "
            "both slots "
            "at once need twice the instances.",
            "Change the network mode to awsvpc, or to bridge with host port 0.",
        )
    elif mode == "bridge" and port:
        yield error(
            "host-port",
            f"Container {settings.container_name} of {named(definition.arn)} has the fixed host port {port}: "
            "a second "
            "task cannot start on the same instance, so the release's tasks would wait for ever.",
            "Set hostPort to 0 in the task definition, so that each task gets a port of its own.",
        )
    elif mode == "bridge":
        yield ok("host-port", "Host port 0: each task gets a port of its own.")


def security_groups(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """security-groups: of the services (awsvpc) or of the container instances (bridge, host)"""
    mode, port = network_mode(readings.base(artefact)), settings.container_port
    balancer = readings.load_balancer_groups
    if not balancer:
        name = named(readings.load_balancer)
        yield unknown("security-groups", f"{name} has no security groups, so who it comes as was not looked at.")
    elif mode == "awsvpc":
        for each in dict.fromkeys((port, *_checked_ports(readings))):
            yield from _of_services(readings, balancer, (each, each))
    else:
        yield from _of_instances(readings, balancer, (port, port) if mode == "host" else EPHEMERAL)


def _checked_ports(readings: Readings) -> list[int]:
    """Those of health checks that do not go where the requests go."""
    return [int(group.health_port) for group in readings.groups if group.health_port.isdecimal()]


def _of_services(readings: Readings, balancer: Sequence[str], ports: Ports) -> Iterator[Result]:
    services = readings.services
    rules = readings.security_groups([group for service in services for group in service.security_groups])
    for service in services:
        if service.security_groups:
            yield _lets_in(service.name, service.security_groups, rules, balancer, ports)
        else:
            yield unknown(
                "security-groups",
                f"{service.name} names no security group, so its tasks are in the VPC's default one, which "
                "was not "
                "looked at.",
            )


def _of_instances(readings: Readings, balancer: Sequence[str], ports: Ports) -> Iterator[Result]:
    instances = readings.capacity.security_groups
    if not instances:
        yield unknown(
            "security-groups",
            "The container instances' security groups were not read, so whether the load balancer reaches "
            "ports "
            f"{_spell(ports)} was not looked at.",
            "Allow ec2:DescribeInstances to have this checked.",
        )
        return
    rules = readings.security_groups([group for groups in instances for group in groups])
    for groups in dict.fromkeys(instances):
        yield _lets_in("the container instances", groups, rules, balancer, ports)


def _lets_in(who: str, groups: Sequence[str], rules: Rules, balancer: Sequence[str], ports: Ports) -> Result:
    open_to = {
        source for group in groups for rule in rules.get(group, ()) if _covers(rule, ports) for source in rule.sources
    }
    name = f"{listed(groups)} of {who}"
    if missing := [group for group in groups if group not in rules]:
        return error(
            "security-groups",
            f"The security group {listed(missing)} of {who} does not exist.",
            "Correct the service's network configuration.",
        )
    if open_to & {*balancer, *ANYWHERE}:
        return ok("security-groups", f"{name} lets the load balancer reach port {_spell(ports)}.")
    if addresses := sorted(source for source in open_to if not source.startswith("sg-")):
        return ok(
            "security-groups",
            f"{name} lets {listed(addresses)} reach port {_spell(ports)}, where the load balancer should be.",
        )
    return error(
        "security-groups",
        f"{name} does not let the load balancer ({listed(balancer)}) reach port {_spell(ports)}: its targets "
        "would "
        "never become healthy.",
        f"Add an inbound rule for TCP {_spell(ports)} from {listed(balancer)} to {listed(groups)}.",
    )


def _covers(rule: SecurityGroupRule, ports: Ports) -> bool:
    if rule.protocol == "-1":
        return True
    return rule.protocol in {"tcp", "6"} and rule.from_port <= ports[0] and ports[1] <= rule.to_port


def fixed_port(settings: EnvironmentSettings, definition: TaskDefinition) -> int:
    """The port that a task takes of its instance; 0 when each gets one of its own."""
    mode = network_mode(definition)
    if mode == "host":
        return settings.container_port
    return _host_port(settings, definition) if mode == "bridge" else 0


def _host_port(settings: EnvironmentSettings, definition: TaskDefinition) -> int:
    container = definition.container(settings.container_name) or {}
    for mapping in container.get("portMappings", ()):
        if mapping.get("containerPort") == settings.container_port:
            return int(mapping.get("hostPort") or 0)
    return 0


def _spell(ports: Ports) -> str:
    return str(ports[0]) if ports[0] == ports[1] else f"{ports[0]}-{ports[1]}"
