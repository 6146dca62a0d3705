"""What is there: the service, its tasks, its rule and targets, and what was deployed to it last. Only reads."""

from collections.abc import Mapping
from dataclasses import replace

from deployments.aws import appspecs, errors
from deployments.aws.listeners import is_network
from deployments.aws.protocol import Gateway
from deployments.aws.values import NativeDeployment, Rule, Service
from deployments.frozen import EnvironmentSettings
from deployments.moving.values import House, Wanted
from deployments.vocabulary import Controller


def house(settings: EnvironmentSettings, wanted: Wanted, gateway: Gateway) -> House:
    """Raises AwsError."""
    service = gateway.services(settings.cluster, (settings.service_name,)).get(settings.service_name)
    if service is None:
        return House(service=None)
    candidates = {} if wanted.production_rule else _candidates(service, gateway)
    rule = _rule(wanted.production_rule or _only(candidates), gateway)
    named = {*service.target_groups, service.alternate_target_group, wanted.alternate_target_group} - {""}
    found = House(
        service=service,
        tasks=gateway.running_tasks(settings.cluster, settings.service_name),
        rule=rule,
        candidates=candidates,
        groups=gateway.target_groups(sorted(named)) if named else {},
        targets={group: gateway.target_health(group) for group in _looked_at(rule, wanted)},
        native=_native(service, gateway),
    )
    return _with_code_deploy(found, settings, gateway) if settings.controller == Controller.CODE_DEPLOY else found


def _candidates(service: Service, gateway: Gateway) -> Mapping[str, str]:
    """Production rules that there may be: one for marked requests only is a test's."""
    if len(service.target_groups) != 1:
        return {}
    live = service.target_groups[0]
    group = gateway.target_groups((live,)).get(live)
    balancers = group.load_balancer_arns if group else ()
    return {
        route.rule.arn: route.requests
        for balancer in balancers
        for route in gateway.routes(balancer)
        if live in route.rule.live and not route.rule.catches_marked_requests
    }


def _only(candidates: Mapping[str, str]) -> str:
    return next(iter(candidates)) if len(candidates) == 1 else ""


def _rule(arn: str, gateway: Gateway) -> Rule | None:
    if not arn or is_network(arn):
        return None
    return gateway.rules_named((arn,)).get(arn)


def _looked_at(rule: Rule | None, wanted: Wanted) -> list[str]:
    """Who serves, and who is to be empty before a move."""
    return list(dict.fromkeys((*(rule.live if rule else ()), *filter(None, [wanted.alternate_target_group]))))


def _native(service: Service, gateway: Gateway) -> NativeDeployment | None:
    arn = service.service_deployment
    return gateway.service_deployments((arn,)).get(arn) if arn else None


def _with_code_deploy(found: House, settings: EnvironmentSettings, gateway: Gateway) -> House:
    newest = gateway.newest_code_deployments(settings.codedeploy_application, settings.codedeploy_group)
    found = replace(found, code_deployment=next(iter(newest), None))
    last = appspecs.last(newest)
    if last is None:
        return found
    try:
        hooks = appspecs.hooks_of(gateway.appspec(settings.codedeploy_application, last.revision))
    except appspecs.BadAppSpec as problem:
        return replace(found, hooks_unread=f"The AppSpec of {last.id} cannot be read: {problem}.")
    except errors.AwsError as problem:
        return replace(found, hooks_unread=f"The AppSpec of {last.id} cannot be read: {problem.sentence}")
    return replace(found, hooks=appspecs.described(hooks) if hooks else "")
