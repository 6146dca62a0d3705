"""One worker at a time has an environment's old revisions for itself, and deregisters a few of them.

What AWS is asked to do is noted before and told after, so a worker that is killed in between leaves what the next one
needs to tell it. A deployment never waits for this: it is over, and the next one makes it stop.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from deployments.aws.actions import DeregisterTaskDefinition
from deployments.aws.errors import AwsError, Denied
from deployments.aws.protocol import Gateway
from deployments.aws.values import Binding, TaskDefinition
from deployments.backoff import backoff
from deployments.catalog.models import Environment
from deployments.delivery.models import Deployment, Tidying
from deployments.delivery.tidying import choosing, holding
from deployments.delivery.tidying.holding import Ours
from deployments.record.append import append_event
from deployments.vocabulary import DEPLOYMENT_TAG
from deployments.words import full_stop, joined

log = structlog.get_logger(__name__)

Connect = Callable[[Binding], Gateway]

#: AWS takes about one DeregisterTaskDefinition a second in an account, and others want some.
MOST = 5
#: of environments in one task
PLACES = 5
AGAIN_AFTER = timedelta(seconds=60)
#: One that did not end within this time was that of a worker that was killed.
KILLED_AFTER = timedelta(seconds=120)
LONGEST_BACKOFF = timedelta(hours=1)


def ask(deployment: Deployment, now: datetime) -> None:
    """In the transaction that ends a deployment well: have old revisions looked for."""
    place = Environment.objects.filter(pk=deployment.environment_id, keep_revisions__isnull=False)
    if deployment.facts.get("task_definition") and place.exists():
        due = {"deployment": deployment, "due_at": now, "attempts": 0}
        Tidying.objects.update_or_create(environment_id=deployment.environment_id, defaults=due)


def tidy(now: datetime, connect: Connect) -> None:
    """Whatever is due."""
    for row in Tidying.objects.due(now).select_related("environment", "deployment")[:PLACES]:
        same = Tidying.objects.filter(pk=row.pk, due_at=row.due_at)
        if same.update(due_at=now + KILLED_AFTER):
            _tidy(row, connect, now)


def _tidy(row: Tidying, connect: Connect, now: datetime) -> None:
    try:
        _Pass(row, connect(row.environment.binding), now).run()
    except AwsError as error:
        if error.transient:
            again = backoff(row.attempts + 1, shortest=AGAIN_AFTER, longest=LONGEST_BACKOFF)
            _note(row, due_at=now + again, attempts=row.attempts + 1, looked_at=now)
            log.warning("tidying.unanswered", environment=row.environment_id, error=error.sentence)
        else:
            _left(row, error, now)


def _left(row: Tidying, error: AwsError, now: datetime) -> None:
    says = f"Old task definitions stay ACTIVE: {full_stop(error.sentence)}"
    if isinstance(error, Denied):
        says += " Give its role what infra/iam/tidying.json allows as well, or empty “Old revisions kept”."
    again = f"It is tried again after the next deployment to {row.environment}."
    says = f"{says} {again}"
    with transaction.atomic():
        _note(row, due_at=None, attempts=0, begun="", says=says, looked_at=now)
        append_event(row.deployment, "environment.not_tidied", says, now=now)


def _note(row: Tidying, **columns: object) -> None:
    """Unless a deployment has ended since: then it is due for that one."""
    Tidying.objects.filter(pk=row.pk, deployment=row.deployment).update(**columns)


@dataclass
class _Pass:
    row: Tidying
    gateway: Gateway
    now: datetime

    def run(self) -> None:
        keep = self.row.environment.keep_revisions
        families = holding.families_of(self.row.deployment)
        if keep is None or not families:
            return self._end("")
        known = holding.of_families(families)
        ours, held = holding.ours(self.row.environment, known), holding.held(known)
        active = [self.gateway.active_revisions(family) for family in families]
        if self.row.begun and not any(self.row.begun in arns for arns in active):
            self._tell(self.row.begun, ours, keep)
        old = [arn for arns in active for arn in choosing.old(arns, ours, keep, held)]
        used = self.gateway.revisions_in_use(families) if old else {}
        gone = 0
        for arn in old:
            if gone == MOST or self._is_disturbed():
                return _note(self.row, due_at=self.now + AGAIN_AFTER, attempts=0, looked_at=self.now)
            gone += arn not in used and self._deregister(arn, ours, keep)
        return self._end(_result(families, keep, {arn: used[arn] for arn in old if arn in used}))

    def _is_disturbed(self) -> bool:
        return Deployment.objects.unfinished().filter(environment=self.row.environment).exists()

    def _deregister(self, arn: str, ours: Mapping[str, Ours], keep: int) -> bool:
        """False: it is not as our rows say."""
        shown = self.gateway.task_definition(arn)
        if shown.status != "ACTIVE" or not _is_tagged(shown, ours[arn]):
            return False
        Tidying.objects.filter(pk=self.row.pk).update(begun=arn)
        self.gateway.perform(DeregisterTaskDefinition(task_definition=arn))
        self._tell(arn, ours, keep)
        return True

    def _tell(self, arn: str, ours: Mapping[str, Ours], keep: int) -> None:
        """Once, whoever comes to it."""
        version = ours[arn].version if arn in ours else ""
        what = f"{_short(arn)} ({version})" if version else _short(arn)
        says = (
            f"{what} was deregistered: it is older than the newest {keep} that Tealgate registered here, and nothing "
            "uses it"
        )
        data = {"action": DeregisterTaskDefinition(task_definition=arn).as_json()}
        with transaction.atomic():
            if Tidying.objects.filter(pk=self.row.pk, begun=arn).update(begun=""):
                append_event(self.row.deployment, "aws.DeregisterTaskDefinition", says, now=self.now, data=data)

    def _end(self, says: str) -> None:
        _note(self.row, due_at=None, attempts=0, says=says, looked_at=self.now)


def _is_tagged(shown: TaskDefinition, ours: Ours) -> bool:
    tag = shown.tags.get(DEPLOYMENT_TAG, "")
    return tag.startswith(ours.tag) if ours.tag.endswith("-") else tag == ours.tag


def _result(families: Collection[str], keep: int, used: Mapping[str, str]) -> str:
    kept = f"Of {joined([*families])}, the newest {keep} task definitions that Tealgate registered here are ACTIVE"
    if not used:
        return f"{kept}, and older ones only where a deployment may need them."
    who = [f"{_short(arn)} by {name}" for arn, name in sorted(used.items())]
    if len(who) == 1:
        return f"{kept}. 1 older one is in use: {who[0]}."
    return f"{kept}. {len(who)} older ones are in use: {joined(who)}."


def _short(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
