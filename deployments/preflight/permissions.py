"""Whether the role may do all that a deployment takes, asked of IAM (SimulatePrincipalPolicy) beforehand.

Reads that AWS answered a moment ago are not asked about, and neither is what IAM allowed a few minutes ago, when a
deployment starts. The simulation knows the role's policies, not those
of other resources, so it can be wrong in both directions; it is right where people forget an action.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from deployments.aws.ecr_address import EcrAddress
from deployments.aws.permission_values import Permission, Question
from deployments.aws.values import Service, TaskDefinition
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.grants import READS, WRITES, Grant
from deployments.preflight.iam_roles import task_roles
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import as_said, listed, named, who
from deployments.words import counted

_CONTEXTS = {
    "application-autoscaling": (
        ("application-autoscaling:service-namespace", "ecs"),
        ("application-autoscaling:scalable-dimension", "ecs:service:DesiredCount"),
    ),
}


def check(
    settings: EnvironmentSettings,
    artefact: Artefact | None,
    readings: Readings,
    grants: tuple[Grant, ...] = (*WRITES, *READS),
) -> Iterator[Result]:
    """permissions"""
    yield from ask_all(grants, resources(settings, artefact, readings), readings)


def of(grants: tuple[Grant, ...]) -> Callable[[EnvironmentSettings, Artefact | None, Readings], Iterator[Result]]:
    """The check of one kind of environment, which takes these."""

    def allowed(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
        """permissions"""
        yield from check(settings, artefact, readings, grants)

    return allowed


def ask_all(grants: tuple[Grant, ...], rows: Mapping[str, tuple[str, ...]], readings: Readings) -> Iterator[Result]:
    needed = [grant for grant in grants if rows[grant.on]]
    asked = [grant for grant in needed if grant.proven_by not in readings.answered]
    answers = readings.may([_question(grant, rows) for grant in asked]) if asked else ()
    told = iter(answers)
    refused = {grant: [each for each in islice(told, len(rows[grant.on])) if not each.allowed] for grant in asked}
    for grant, refusals in refused.items():
        if refusals:
            yield _denied(grant, refusals, readings)
    if not any(refused.values()):
        said = as_said((each.asked_at for each in answers if each.asked_at), readings.now)
        yield ok(
            "permissions",
            f"{counted(len(needed), 'action')} of a deployment, iam:PassRole included, are allowed to "
            f"{who(readings.identity.arn)}{said}.",
        )


def _question(grant: Grant, rows: Mapping[str, tuple[str, ...]]) -> Question:
    service = grant.action.partition(":")[0]
    context: tuple[tuple[str, str], ...]
    context = (("iam:PassedToService", grant.passed_to),) if service == "iam" else _CONTEXTS.get(service, ())
    if grant.action == "ecs:RunTask":
        context = tuple(("ecs:cluster", _cluster(tasks)) for tasks in rows["one-off tasks"])
    return Question(action=grant.action, resources=rows[grant.on], context=context)


def _cluster(tasks: str) -> str:
    """…:task/CLUSTER/* are in …:cluster/CLUSTER."""
    return tasks.replace(":task/", ":cluster/").removesuffix("/*")


def resources(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings
) -> Mapping[str, tuple[str, ...]]:
    """ARNs by the names that grants use. Revisions to come are all meant, whatever their number."""
    definition = readings.base(artefact)
    services = readings.services
    rules = [rule for arn in (*settings.production_rules, settings.test_rule) if arn and (rule := readings.rule(arn))]
    base = f"{definition.arn.rsplit(':task-definition/', 1)[0]}"
    revisions = f"{base}:task-definition/{definition.family}:*"
    tasks = f"{base}:task/{named(settings.cluster)}/*"
    scaling = base.replace(":ecs:", ":application-autoscaling:")
    return {
        "*": ("*",),
        "target groups": ("*",) if readings.groups else (),
        "services": tuple(service.arn for service in services),
        "service deployments": tuple(_native(service.arn, "service-deployment") for service in services),
        "service revisions": tuple(_native(service.arn, "service-revision") for service in services),
        "deployment group": (_group(settings, base),),
        "deployment group without its alarms": (),  # of a repair by CodeDeploy, which knows better
        "codedeploy application": (f"{_codedeploy(base)}:application:{settings.codedeploy_application}",),
        "deployment configs": (f"{_codedeploy(base)}:deploymentconfig:*",),
        "revisions to come": (revisions,),
        "task roles": task_roles(definition, readings.identity),
        "rules": tuple(rule.arn for rule in rules if not rule.is_default),
        "listeners of default rules": tuple(rule.listener_arn for rule in rules if rule.is_default),
        "one-off task definition": (revisions,) if settings.one_off_tasks else (),
        "tasks": (tasks,),
        "one-off tasks": (tasks,) if settings.one_off_tasks else (),
        "tagged one-off tasks": (tasks,) if settings.one_off_tasks and _tags_its_tasks(services) else (),
        "scalable targets": (f"{scaling}:scalable-target/*",) if readings.is_scaled else (),
        "repositories": tuple(_repositories(artefact, base)) if artefact else (),
        "log groups": tuple(_log_groups(definition, base)),
    }


def _tags_its_tasks(services: Sequence[Service]) -> bool:
    return any(service.propagate_tags in ("SERVICE", "TASK_DEFINITION") for service in services)


def _codedeploy(base: str) -> str:
    return base.replace(":ecs:", ":codedeploy:")


def _group(settings: EnvironmentSettings, base: str) -> str:
    return f"{_codedeploy(base)}:deploymentgroup:{settings.codedeploy_application}/{settings.codedeploy_group}"


def _native(service: str, kind: str) -> str:
    """…:service/CLUSTER/NAME has deployments and revisions …:service-deployment/CLUSTER/NAME/ID."""
    return f"{service.replace(':service/', f':{kind}/', 1)}/*"


def _denied(grant: Grant, refused: Sequence[Permission], readings: Readings) -> Result:
    resource = listed(answer.resource for answer in refused)
    explicit = any(answer.decision == "explicitDeny" for answer in refused)
    caller = who(readings.identity.arn)
    seen = (
        f"To {grant.purpose}, {caller} needs {grant.action} on {resource}, which "
        f"{'a statement denies explicitly' if explicit else 'no policy allows'}."
    )
    passed = grant.action == "iam:PassRole"
    condition = f" with the condition iam:PassedToService = {grant.passed_to}" if passed else ""
    fix = (
        f"Find the Deny statement or permissions boundary that covers {grant.action} on {resource}."
        if explicit
        else f"Allow {grant.action} on {resource}{condition} to {caller}."
    )
    return (warning if grant.optional else error)("permissions", seen, fix)


def _repositories(artefact: Artefact, base: str) -> Iterator[str]:
    for pinned in artefact.images.values():
        if ecr := EcrAddress.parse(pinned):
            yield f"arn:{base.split(':')[1]}:ecr:{ecr.region}:{ecr.account}:repository/{ecr.repository}"


def _log_groups(definition: TaskDefinition, base: str) -> Iterator[str]:
    for container in definition.document["containerDefinitions"]:
        log = container.get("logConfiguration") or {}
        if log.get("logDriver") == "awslogs":
            group = log.get("options", {}).get("awslogs-group", "*")
            yield f"{base.replace(':ecs:', ':logs:')}:log-group:{group}:log-stream:*"
