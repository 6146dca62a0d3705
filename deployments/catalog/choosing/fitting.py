"""Which controller fits a service by what ECS and its load balancer show of it, and why the others do not."""

from collections.abc import Mapping

from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.aws.values import Route, Service
from deployments.catalog.choosing.values import Fit
from deployments.catalog.discovery.ecs_service import fits_none
from deployments.vocabulary import ComputePlatform, Controller
from deployments.words import joined

PAIR, ROLLING, ECS = "Service pair", "Rolling", "ECS’s own blue/green"
CODE_DEPLOY, EXPRESS, PAIR_OR_ROLLING = "CodeDeploy", "Express Mode", "Service pair or rolling"
_NO_ADVANCED = "Its load balancer has no advancedConfiguration."
_NO_CODEDEPLOY = "Its deployment controller is ECS."
_NO_RULE = "No rule weighs its target group against a second one."
_UNREAD = "The rules of its load balancer were not read, so what it fits is found once it is chosen."
_NO_GROUP = "It has no target group, so there is no traffic to shift."
#: by target group, of its load balancers; without groups whose rules were not read
Routes = Mapping[str, tuple[Route, ...]]


def of_service(service: Service, routes: Routes) -> Fit:
    if service.controller == Controller.CODE_DEPLOY:
        alone = "CodeDeploy alone changes a service with this deployment controller."
        return Fit(
            controller=CODE_DEPLOY,
            why="Its deployment controller is CODE_DEPLOY.",
            others=((PAIR, alone), (ROLLING, alone), (ECS, f"{alone} It can be moved to ECS later.")),
        )
    if service.is_express:
        managed = "ECS manages all of it but the image."
        return Fit(controller=EXPRESS, why=managed, others=((PAIR, managed), (ROLLING, managed), (ECS, managed)))
    if reason := fits_none(service):
        return Fit(controller="", why=f"{reason[0].upper()}{reason[1:]}")
    if service.alternate_target_group:
        shifted = "ECS shifts its traffic already, by advancedConfiguration."
        return Fit(controller=ECS, why=shifted, others=((PAIR, shifted), (CODE_DEPLOY, _NO_CODEDEPLOY)))
    if route := _pair_route(service, routes):
        groups = joined([name_of(arn) for arn in route.rule.weights])
        return Fit(
            controller=PAIR,
            why=f"A rule on port {route.port} weighs {groups}.",
            others=(
                (ROLLING, "Its rule weighs two target groups, so traffic can be shifted."),
                (ECS, _NO_ADVANCED),
                (CODE_DEPLOY, _NO_CODEDEPLOY),
            ),
        )
    if any(group not in routes for group in service.target_groups):
        unread = ((ECS, _NO_ADVANCED), (CODE_DEPLOY, _NO_CODEDEPLOY))
        return Fit(controller=PAIR_OR_ROLLING, why=_UNREAD, others=unread)
    lacks = _NO_RULE if service.target_groups else _NO_GROUP
    return Fit(
        controller=ROLLING,
        why="ECS replaces its tasks.",
        others=((PAIR, lacks), (ECS, _NO_ADVANCED if service.target_groups else lacks), (CODE_DEPLOY, _NO_CODEDEPLOY)),
    )


def of_group(group: DeploymentGroup) -> Fit:
    if group.platform not in (ComputePlatform.ECS, ComputePlatform.SERVER):
        return Fit(controller="", why=f"It deploys to {group.platform}; Tealgate deploys to ECS services and servers.")
    if group.platform == ComputePlatform.SERVER:
        return Fit(controller=CODE_DEPLOY, why=f"It installs on servers by {group.config}.")
    if not group.services:
        return Fit(controller="", why="It names no ECS service, so there is nothing to deploy to.")
    return Fit(controller=CODE_DEPLOY, why=f"It deploys to an ECS service by {group.config}.")


def name_of(target_group: str) -> str:
    """The name in its ARN."""
    return target_group.rsplit(":", 1)[-1].split("/")[1] if "/" in target_group else target_group


def to(group: str, routes: Routes) -> tuple[Route, ...]:
    """Those that forward to it."""
    return tuple(route for route in routes.get(group, ()) if group in route.rule.weights)


def _pair_route(service: Service, routes: Routes) -> Route | None:
    mine = (route for group in service.target_groups for route in to(group, routes))
    return next((each for each in mine if len(each.rule.weights) == 2), None)
