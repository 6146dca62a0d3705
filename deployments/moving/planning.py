"""The plan of a move, to be read before anything is done: what changes, in which order, and what cannot be undone."""

from dataclasses import dataclass

from deployments.aws.weights import spell
from deployments.frozen import EnvironmentSettings
from deployments.moving import code_lines
from deployments.moving.code_lines import Lines
from deployments.moving.obstacles import impossible, obstacles
from deployments.moving.values import ENVIRONMENT, RULE, SERVICE, House, Wanted
from deployments.preflight.words import named
from deployments.vocabulary import Controller


@dataclass(frozen=True, kw_only=True)
class PlannedStep:
    #: one of values.STEPS
    key: str
    title: str
    what: str
    #: how it is undone
    way_back: str
    #: whether AWS has no call that brings back what was there
    is_final: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    what: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class MovePlan:
    #: why it cannot begin, in sentences; () = it can
    obstacles: tuple[str, ...]
    #: what the owner has to know or do, in sentences
    notes: tuple[str, ...]
    changes: tuple[Change, ...]
    steps: tuple[PlannedStep, ...]
    terraform: Lines
    cloud_formation: Lines


def plan(settings: EnvironmentSettings, wanted: Wanted, seen: House, *, is_begun: bool = False) -> MovePlan:
    """What cannot be moved at all has obstacles only; of one that has begun it is not asked."""
    in_the_way = tuple(obstacles(settings, wanted, seen))
    if not is_begun and impossible(settings, wanted, seen):
        return MovePlan(obstacles=in_the_way, notes=(), changes=(), steps=(), terraform=(), cloud_formation=())
    to_pair = wanted.controller == Controller.SERVICE_PAIR
    return MovePlan(
        obstacles=in_the_way,
        notes=() if to_pair else tuple(_notes(settings, seen)),
        changes=() if to_pair else tuple(_changes(settings, wanted, seen)),
        steps=() if to_pair else steps(settings, wanted),
        terraform=code_lines.terraform(settings, wanted, seen),
        cloud_formation=code_lines.cloud_formation(settings, wanted, seen),
    )


def steps(settings: EnvironmentSettings, wanted: Wanted) -> tuple[PlannedStep, ...]:
    name, other = settings.service_name, named(wanted.alternate_target_group) or "the other target group"
    codedeploy = settings.controller == Controller.CODE_DEPLOY
    return (
        PlannedStep(
            key=RULE,
            title="Name both target groups in the production rule",
            what=f"ModifyRule gives it {other} with weight 0. All requests go where they went.",
            way_back=f"ModifyRule takes {other} out again.",
        ),
        PlannedStep(
            key=SERVICE,
            title=f"Give {name} to ECS",
            what=f"UpdateService{' with the deployment controller ECS,' if codedeploy else ''} with both target "
            "groups, the rule and the role. ECS then deploys what runs there once more: it starts the same task "
            f"definition in {other}, moves production to it once it is healthy, and stops the tasks before. "
            "The same images answer all the time.",
            way_back="Under way, ECS rolls its deployment back. After that the service is replaced by rolling, in the "
            "target group that serves then."
            + (" AWS has no call that makes it CodeDeploy's again." if codedeploy else ""),
            is_final=codedeploy,
        ),
        PlannedStep(
            key=ENVIRONMENT,
            title="Let the environment deploy by ECS",
            what="Preflight of the new kind has to be green; then Tealgate's settings change. Nothing on AWS does.",
            way_back="The settings are put back, as long as nothing was deployed since.",
        ),
    )


def _notes(settings: EnvironmentSettings, seen: House) -> list[str]:
    notes = ["Nobody can deploy here while it is under way: the environment is locked from its beginning to its end."]
    if settings.controller == Controller.CODE_DEPLOY:
        group = f"{settings.codedeploy_application}/{settings.codedeploy_group}"
        notes.append(
            f"The second step cannot be undone in AWS. CodeDeploy's {group} stays, but can deploy no more: switch off "
            "what calls it beforehand, and delete it when all is well."
        )
    if seen.hooks:
        notes.append(
            f"The AppSpec's hooks do not move: {seen.hooks}. Make them lifecycleHooks of the service before the next "
            "release; ECS calls the function with another event and wants hookStatus as its answer."
        )
    if seen.hooks_unread:
        notes.append(f"{seen.hooks_unread} If it names Lambda functions as hooks, they do not move.")
    notes.append(
        "Change the code below after the second step, before the next apply: then its plan shows no change. A provider "
        "that wants to replace the service has not read it anew: refresh it first, and apply nothing that replaces it."
    )
    return notes


def _changes(settings: EnvironmentSettings, wanted: Wanted, seen: House) -> list[Change]:
    codedeploy = settings.controller == Controller.CODE_DEPLOY
    before = "CODE_DEPLOY" if codedeploy else "ECS, ROLLING"
    configuration = seen.service.deployment_configuration if seen.service else {}
    stays = sorted(name for name in ("deploymentCircuitBreaker", "alarms") if configuration.get(name))
    changes = [
        Change(what="Deployment controller", before=before, after="ECS, BLUE_GREEN"),
        Change(
            what="Production rule",
            before=spell(seen.rule.weights) if seen.rule else "not known",
            after=f"{named(seen.live) or '?'} 100, {named(wanted.alternate_target_group) or '?'} 0; ECS writes it",
        ),
        Change(
            what="Releases start in",
            before="a new task set" if codedeploy else "the same target group",
            after=named(wanted.alternate_target_group) or "the other target group",
        ),
        Change(what="Who moves traffic", before="CodeDeploy's role" if codedeploy else "nobody: tasks are replaced",
               after=named(wanted.infrastructure_role) or "the infrastructure role"),
    ]  # fmt: skip
    if stays:
        changes.append(Change(what="Stays as it is", before=", ".join(stays), after=", ".join(stays)))
    return changes
