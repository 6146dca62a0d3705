"""Whether what the deployment before this one found still stands, so that preflight need not ask AWS for it again.

It does when the environment, what ECS shows of the service, and its task definition but for the release's images are
the same, and the answers are not too old. ROLLING leaves traffic to ECS, which looks for itself; where Tealgate moves
traffic, all is asked anew.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from deployments.aws.values import Service, TaskDefinition
from deployments.frozen import Artefact
from deployments.preflight.earlier import Earlier
from deployments.preflight.report import Level, Report, Result, ok
from deployments.preflight.rolling import ROLLING
from deployments.swaps.facts import sure
from deployments.swaps.rolling.facts import Checked, RollingFacts, Snapshot

TRUSTED = timedelta(minutes=15)

#: What is asked of a registry, whatever the service. The rest goes by what is known already.
_EXISTS = "image-exists"
#: What is asked of it about what runs now.
_WAY_BACK = "live-image-exists"
#: What a deployment changes in a service by itself, and how many tasks people or a scaling want at the moment.
_OF_THE_MOMENT = (
    "service_deployment", "revisions", "task_definition", "desired", "running", "pending", "deployments", "task_sets",
    "events", "draining_since", "last_rollout", "starts", "started_tasks_at", "protected_since",
)  # fmt: skip
#: AWS's own notes on a revision.
_OF_A_REVISION = ("taskDefinitionArn", "revision", "registeredAt", "registeredBy", "status")


@dataclass(frozen=True, kw_only=True)
class Known:
    preflight: Earlier
    #: when the registry was asked for the same images; None: for others
    images_asked_at: datetime | None
    #: what an earlier deployment found out about the target groups
    found: RollingFacts


def known(snapshot: Snapshot, service: Service, live: TaskDefinition, now: datetime) -> Known | None:
    """`service` and its task definition `live` as they are now."""
    of = _fingerprint(snapshot, service, live)
    newest = next((facts for facts in snapshot.earlier if _stands(facts, of, now)), None)
    if newest is None:
        return None
    results = [each for each in newest.preflight if each.group not in (_EXISTS, _WAY_BACK)]
    results += [_pulled_then()] if dict(live.images) == dict(sure(newest.checked).images) else []
    groups = {name for name, _ in ROLLING.groups}
    images = next((facts for facts in snapshot.earlier if _are_known(facts, snapshot.artefact, now)), None)
    if images:
        results += [each for each in images.preflight if each.group == _EXISTS]
        groups.add(_EXISTS)
    groups -= {_WAY_BACK} - {each.group for each in results}
    groups -= {each.group for each in results if each.level not in (Level.OK, Level.WARNING)}
    return Known(
        preflight=Earlier(asked_at=sure(newest.checked).asked_at, groups=groups, results=tuple(results)),
        images_asked_at=sure(images.checked).images_asked_at if images else None,
        found=newest,
    )


def checked(
    snapshot: Snapshot, service: Service, live: TaskDefinition, report: Report, before: Known | None, now: datetime
) -> Checked:
    """For the deployments that follow. `before` is what this one took from an earlier one."""
    return Checked(
        of=_fingerprint(snapshot, service, live),
        asked_at=report.asked_at or now,
        images=dict(snapshot.artefact.images),
        images_asked_at=before.images_asked_at if before and before.images_asked_at else now,
    )


def _pulled_then() -> Result:
    """Of the images that this very release brought."""
    found = ok(_WAY_BACK, "What runs now was pulled by the deployment before this one, so the way back can be.")
    return replace(found, group=_WAY_BACK)


def _fingerprint(snapshot: Snapshot, service: Service, live: TaskDefinition) -> str:
    """A digest, because task definitions hold what people should have kept in secrets."""
    shown = {name: value for name, value in asdict(service).items() if name not in _OF_THE_MOMENT}
    document = {name: value for name, value in live.document.items() if name not in _OF_A_REVISION}
    released = snapshot.artefact.images
    document["containerDefinitions"] = [
        {**container, "image": ""} if container["name"] in released else container
        for container in live.document["containerDefinitions"]
    ]
    settings = replace(snapshot.settings, difference="")  # of this release alone
    seen = [settings.as_json(), shown, document, _repositories(snapshot.artefact)]
    return hashlib.sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()


def _repositories(artefact: Artefact) -> dict[str, str]:
    return {container: image.partition("@")[0] for container, image in artefact.images.items()}


def _stands(facts: RollingFacts, of: str, now: datetime) -> bool:
    checked = facts.checked
    return checked is not None and checked.of == of and now - checked.asked_at <= TRUSTED


def _are_known(facts: RollingFacts, artefact: Artefact, now: datetime) -> bool:
    checked = facts.checked
    return checked is not None and checked.images == artefact.images and now - checked.images_asked_at <= TRUSTED
