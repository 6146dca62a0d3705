"""The plan when CodeDeploy installs a bundle on instances; `percent` counts instances that have it."""

from deployments.frozen import EnvironmentSettings, Plan, Step
from deployments.swaps.code_deploy.plan import gate_at
from deployments.vocabulary import Stage, Strategy
from deployments.words import duration_words

STRATEGIES = (Strategy.GROUP_CONFIG, Strategy.ALL_AT_ONCE, Strategy.HALF_AT_A_TIME, Strategy.ONE_AT_A_TIME)


def plan(settings: EnvironmentSettings, strategy: Strategy) -> Plan:
    _refuse(settings)
    steps = [Step(stage=Stage.RECONCILE_SERVICE, summary="Preflight, look at the deployment group")]
    if gate := gate_at(settings, Stage.PRE_SCALE_UP):
        steps.append(Step(stage=Stage.PRE_SCALE_UP, gate=gate, summary="Before CodeDeploy is told anything"))
    before = gate_at(settings, Stage.PRE_PRODUCTION_TRAFFIC_SHIFT)
    if before:
        steps += [
            Step(stage=Stage.SCALE_UP, summary="CodeDeploy installs the bundle on the replacements"),
            Step(
                stage=Stage.PRE_PRODUCTION_TRAFFIC_SHIFT,
                gate=before,
                summary="CodeDeploy waits in Ready: the replacements have it and serve nobody yet",
            ),
        ]
    how = "as the group is configured" if strategy is Strategy.GROUP_CONFIG else strategy.label.lower()
    steps += [
        Step(
            stage=Stage.PRODUCTION_TRAFFIC_SHIFT,
            percent=100,
            summary="CodeDeploy sends traffic to the replacements"
            if before
            else f"CodeDeploy installs the bundle on the instances: {how}",
        ),
        Step(
            stage=Stage.BAKE_TIME,
            bake_seconds=settings.bake_seconds,
            summary=f"Alarms and other deployments are watched for {duration_words(settings.bake_seconds)}; originals, "
            "where there are any, are kept as long as the group says",
        ),
        Step(stage=Stage.CLEAN_UP, summary="CodeDeploy ends the deployment"),
    ]
    way_back = (
        Step(
            stage=Stage.PRODUCTION_TRAFFIC_SHIFT,
            percent=0,
            summary="CodeDeploy stops and installs the last good revision again",
        ),
    )
    return Plan(controller=settings.controller, strategy=strategy, steps=tuple(steps), way_back=way_back)


def _refuse(settings: EnvironmentSettings) -> None:
    """What people set up that servers cannot have is said, not left out silently."""
    if settings.one_off_tasks:
        raise ValueError(f"{settings.label} deploys to servers, which run no one-off tasks; use a hook of appspec.yml.")
    if settings.smoke_checks or settings.webhooks:
        raise ValueError(
            f"{settings.label} deploys to servers, which nothing can check before they serve; use ValidateService of "
            "appspec.yml instead of checks and webhooks."
        )
