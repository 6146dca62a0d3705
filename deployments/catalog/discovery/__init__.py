"""An environment read from AWS: nothing to type that AWS already knows.

Given a cluster and one service, the service and its load balancer's rules tell what it is (`ecs_service`):

1. deployment controller CODE_DEPLOY: CodeDeploy shifts its traffic, and its deployment group is looked for;
2. resourceManagementType ECS: a service of Express Mode, of which ECS makes all but the image;
3. advancedConfiguration on its load balancer: ECS shifts it by itself;
4. its rule weighs two target groups and another service serves the other: a service pair;
5. anything else with the controller ECS: its tasks are rolled.

Given a CodeDeploy application and deployment group, the group tells all of it: an ECS service (`code_deploy`) or
servers (`servers`). What fits no controller is refused with the reason.
"""

from dataclasses import replace
from datetime import datetime

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction

from deployments.aws import errors
from deployments.aws.protocol import Discovery
from deployments.aws.sessions import connect
from deployments.aws.values import Binding
from deployments.catalog import auto_scaling, changes, holding, in_use, unattended
from deployments.catalog.discovery import code_deploy, ecs_service, scheduled
from deployments.catalog.discovery.proposal import Proposal
from deployments.catalog.models import Application, Environment, GatePolicy, SmokeCheck
from deployments.people.principal import Principal
from deployments.refused import Refused

__all__ = ["Proposal", "discover", "environment_from", "keep", "propose"]


def discover(
    *,
    region: str,
    role_arn: str,
    external_id: str,
    cluster: str = "",
    service: str = "",
    codedeploy_application: str = "",
    codedeploy_group: str = "",
    now: datetime,
) -> Proposal:
    """Read a service, or a deployment group, and what belongs to it. Only reads. Raises Refused with what there is."""
    cluster, service = _short(cluster, region, "cluster"), _short(service, region, "service")
    try:
        gateway = connect(Binding(region=region, role_arn=role_arn, external_id=external_id))
        proposal = propose(
            gateway,
            cluster=cluster,
            service=service,
            codedeploy_application=codedeploy_application,
            codedeploy_group=codedeploy_group,
        )
        identity = gateway.identity(now)
        tasks = scheduled.seen(gateway, identity, proposal.columns, region)
    except errors.AwsError as error:
        raise Refused(f"AWS could not be read: {error.sentence}") from error
    where = {"region": region, "role_arn": role_arn, "external_id": external_id, "account_id": identity.account}
    gates = proposal.gates or (unattended.default_gate(proposal.columns["controller"]),)
    return replace(proposal, columns={**where, **proposal.columns}, seen=(*proposal.seen, *tasks), gates=gates)


def _short(name_or_arn: str, region: str, field: str) -> str:
    """ECS takes an ARN for a name; Application Auto Scaling, and whoever compares, takes names only."""
    if not name_or_arn.startswith("arn:"):
        return name_or_arn
    its_region = name_or_arn.split(":")[3]
    if its_region != region:
        raise Refused(f"{name_or_arn} is in the region {its_region}, and {region} was given.", field=field)
    return name_or_arn.rsplit("/", 1)[-1]


def propose(
    gateway: Discovery, *, cluster: str, service: str, codedeploy_application: str, codedeploy_group: str
) -> Proposal:
    """All columns but those of the account. Raises Refused, or AwsError."""
    if codedeploy_application:
        return code_deploy.of_group(gateway, codedeploy_application, codedeploy_group)
    if codedeploy_group:
        raise Refused("Give the CodeDeploy application of this deployment group too.", field="codedeploy_application")
    if not cluster or not service:
        missing = "service" if cluster else "cluster"
        raise Refused(
            f"Give a {missing} too: a cluster and a service, or a CodeDeploy application and its deployment group.",
            field=missing,
        )
    return ecs_service.of_service(gateway, cluster, service)


def environment_from(proposal: Proposal, *, application: Application, name: str) -> Environment:
    """An unsaved, validated environment. Raises Refused with the first thing that is wrong."""
    in_use.require(application)
    environment = Environment(application=application, name=name, **proposal.columns)
    try:
        environment.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(" ".join(messages), field=None if field == "__all__" else field) from error
    auto_scaling.found(environment, proposal.auto_scaling_groups)
    return environment


def keep(
    environment: Environment, proposal: Proposal, *, principal: Principal, no_gate_because: str = "", now: datetime
) -> None:
    """Save it with the checks and gates that are proposed, or with who says why nobody has to approve.

    Groups that are not there decide nothing. Raises Refused, without a trace; for what another environment holds, too.
    """
    with transaction.atomic():
        holding.require_free(environment)
        in_use.hold(environment.application)
        environment.save()
        _check(environment, proposal)
        if not no_gate_because:
            _gate(environment, proposal)
        changes.added(subject=environment, principal=principal, now=now)
        if no_gate_because:
            unattended.let_go_on(environment=environment, principal=principal, reason=no_gate_because, now=now)


def _check(environment: Environment, proposal: Proposal) -> None:
    for check in proposal.checks:
        SmokeCheck.objects.create(
            environment=environment,
            path=check.path,
            expected_status=check.expected_status,
            contains=check.contains,
            timeout_seconds=check.timeout_seconds,
            headers="\n".join(f"{name}: {value}" for name, value in check.headers),
            follow_redirects=check.follow_redirects,
        )


def _gate(environment: Environment, proposal: Proposal) -> None:
    for gate in proposal.gates:
        policy = GatePolicy.objects.create(
            environment=environment, stage=gate.stage, approvals=gate.approvals, timeout_minutes=gate.timeout_minutes
        )
        policy.groups.set(Group.objects.filter(name__in=gate.groups))
