"""From rows to the frozen values that a deployment is decided on."""

import shlex
from dataclasses import replace

from deployments.catalog.models import Environment, GatePolicy
from deployments.frozen import EnvironmentSettings, GateSpec, SmokeSpec, TaskSpec, WebhookSpec
from deployments.outbound.headers import parse


def freeze(environment: Environment) -> EnvironmentSettings:
    """Everything about the environment that the plan, the preflight and the engine need."""
    return replace(
        columns_of(environment),
        gates=tuple(_gate(policy) for policy in environment.gate_policies.prefetch_related("groups")),
        smoke_checks=tuple(
            SmokeSpec(
                path=check.path,
                expected_status=check.expected_status,
                contains=check.contains,
                timeout_seconds=check.timeout_seconds,
                headers=parse(check.headers),
                follow_redirects=check.follow_redirects,
            )
            for check in environment.smoke_checks.all()
        ),
        one_off_tasks=tuple(
            TaskSpec(
                name=task.name,
                command=tuple(shlex.split(task.command)),
                container=task.container,
                timeout_seconds=task.timeout_seconds,
            )
            for task in environment.one_off_tasks.all()
        ),
        webhooks=tuple(
            WebhookSpec(id=hook.pk, place=hook.place, secret=hook.secret, mark=hook.mark)
            for hook in environment.webhooks.all()
        ),
    )


def columns_of(environment: Environment) -> EnvironmentSettings:
    """What the environment's own row says; without gates, checks and tasks. The row need not be saved."""
    return EnvironmentSettings(
        label=str(environment),
        controller=environment.controller,
        region=environment.region,
        role_arn=environment.role_arn,
        external_id=environment.external_id,
        account_id=environment.account_id,
        cluster=_name(environment.cluster),
        container_name=environment.container_name,
        container_port=environment.container_port,
        service_name=_name(environment.service),
        codedeploy_application=environment.codedeploy_application,
        codedeploy_group=environment.codedeploy_group,
        compute_platform=environment.compute_platform,
        file_exists=environment.file_exists,
        ignore_stop_failures=environment.ignore_stop_failures,
        blue_service=_name(environment.blue_service),
        green_service=_name(environment.green_service),
        blue_target_group=environment.blue_target_group,
        green_target_group=environment.green_target_group,
        production_rule=environment.production_rule,
        more_production_rules=environment.more_rule_arns,
        test_rule=environment.test_rule,
        definition_base=environment.definition_base,
        task_roles=environment.task_role_arns,
        scheduled=environment.scheduled_specs,
        test_url=environment.test_url,
        canary_percent=environment.canary_percent,
        canary_bake_seconds=environment.canary_bake_seconds,
        linear_percent=environment.linear_percent,
        linear_bake_seconds=environment.linear_bake_seconds,
        ladder=environment.ladder,
        bake_seconds=environment.bake_seconds,
        termination_wait_seconds=environment.termination_wait_seconds,
        scale_up_timeout_seconds=environment.scale_up_timeout_seconds,
        alarms=environment.alarm_names,
        max_5xx_percent=environment.max_5xx_percent,
        max_latency_ms=environment.max_latency_ms,
        min_requests=environment.min_requests,
        requires_min_requests=environment.requires_min_requests,
        min_requests_wait_seconds=environment.min_requests_wait_seconds,
        too_few_action=environment.too_few_action,
        max_stopped_tasks=environment.max_stopped_tasks,
        first_desired=environment.first_desired,
        may_run_nothing=environment.may_run_nothing,
        minimum_healthy_percent=environment.minimum_healthy_percent,
        maximum_percent=environment.maximum_percent,
        stop_timeout=environment.stop_timeout_seconds,
        approval_action=environment.approval_action,
        answered_when=environment.answered_when,
        strict_approvals=environment.strict_approvals,
        unattended=environment.unattended_sentence,
    )


def _name(name_or_arn: str) -> str:
    """People may give the ARN of a cluster or service; ECS finds it, but Application Auto Scaling knows names only."""
    return name_or_arn.rsplit("/", 1)[-1]


def _gate(policy: GatePolicy) -> GateSpec:
    return GateSpec(
        stage=policy.stage,
        percent=policy.percent,
        approvals=policy.approvals,
        groups=tuple(sorted(group.name for group in policy.groups.all())),
        requester_may_approve=policy.requester_may_approve,
        timeout_minutes=policy.timeout_minutes,
        timeout_action=policy.timeout_action,
    )
