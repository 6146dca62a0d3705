"""Back to the images that ran, where the task definition before names tags: whoever starts it again pulls anew.

What the tags stood for is noted from the running tasks before anything is written. The way back registers a revision
that names those digests, and goes there. Where a digest could not be read, the container keeps its tag, and it is said.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from deployments.aws.actions import Made, RegisterTaskDefinition
from deployments.aws.protocol import Gateway
from deployments.aws.values import Task, TaskDefinition
from deployments.definitions.pipeline_files import repository
from deployments.swaps.decisions import Act, Known, Snapshot
from deployments.swaps.facts import Facts
from deployments.swaps.steps import marks
from deployments.swaps.steps.as_planned import digests_of
from deployments.swaps.steps.task_definition import short
from deployments.vocabulary import BASE_TAG, DEPLOYMENT_TAG
from deployments.words import joined

#: Remembers that AWS refused the registration: then the plain revision has to do.
REFUSED = "pin_refused"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The task definition to pin, and what an earlier try made of it whose answer was lost."""

    live: TaskDefinition
    registered: TaskDefinition | None = None


@dataclass(frozen=True, kw_only=True)
class Pin(Act):
    """What it makes is where the way back goes, not the release's."""

    def known(self, before: Known, made: Made) -> Known:
        facts = cast(Known, self.facts or before)
        return replace(facts, source_pinned=made.task_definition).marked(self.mark)


def noted(live: TaskDefinition, tasks: Collection[Task]) -> dict[str, str]:
    """Container to digest of what the running tasks pulled by a tag; what they do not agree on is absent."""
    digests = digests_of(tasks, live.arn)
    return {name: digests[name] for name in live.images_by_tag if name in digests}


def is_wanted(facts: Facts) -> bool:
    """Whether the way back can name digests, and has no revision that does."""
    return bool(facts.source_digests) and not facts.source_pinned and REFUSED not in facts.done


def goal(facts: Facts) -> str:
    """ARN of what the way back goes to."""
    return facts.source_pinned or facts.source_task_definition


def words(facts: Facts) -> str:
    """The same for people, such as "api:3 (api:1 with the digests that ran before)"."""
    before = short(facts.source_task_definition)
    return (
        f"{short(facts.source_pinned)} ({before} with the digests that ran before)" if facts.source_pinned else before
    )


def observe(snapshot: Snapshot[Facts], gateway: Gateway) -> Seen:
    """Raises AwsError."""
    live = gateway.task_definition(snapshot.facts.source_task_definition)
    registered = None
    if marks.may_have_happened(snapshot, "RegisterTaskDefinition"):
        registered = gateway.registered_by(live.family, (DEPLOYMENT_TAG, _tag(snapshot)))
    return Seen(live=live, registered=registered)


def register(snapshot: Snapshot[Facts], seen: Seen) -> Pin:
    digests = snapshot.facts.source_digests
    named = [f"{container} {digest[:19]}" for container, digest in sorted(digests.items())]
    return Pin(
        reason=f"A revision of {short(seen.live.arn)} names the digests that ran, instead of tags: {joined(named)}",
        action=RegisterTaskDefinition(
            document=document(seen.live, digests), tags={**_kept(seen.live), DEPLOYMENT_TAG: _tag(snapshot)}
        ),
        mark="pin",
        found=Made(task_definition=seen.registered.arn) if seen.registered else None,
        if_refused=snapshot.facts.marked(REFUSED),
        insists=True,
    )


def _kept(live: TaskDefinition) -> dict[str, str]:
    """Its tags. What it was made from is not told: a newer one may have come since."""
    return {name: value for name, value in live.tags.items() if name != BASE_TAG}


def document(live: TaskDefinition, digests: Mapping[str, str]) -> dict[str, Any]:
    """The live document with these digests; everything else stays."""
    containers = [
        {**each, "image": image(each["image"], digests[each["name"]])} if each["name"] in digests else each
        for each in live.document["containerDefinitions"]
    ]
    return {**live.document, "containerDefinitions": containers}


def image(named: str, digest: str) -> str:
    """The same repository, named as it was: a registry's port is no tag, and Docker Hub's short names stay short."""
    return f"{repository(named)}@{digest}"


def unread(facts: Facts) -> str:
    """That what a tag stood for is not known, in a clause; "" where it is, or where there is none."""
    missing = [name for name in facts.source_by_tag if name not in facts.source_digests]
    if not missing and REFUSED not in facts.done:
        return ""
    container = "container" if len(missing) == 1 else "containers"
    if missing:
        return (
            f"which image the tag of {container} {joined(missing)} stood for before could not be read from the tasks, "
            "so another one may be started"
        )
    return "AWS refused the revision that names its digests, so another image may be started"


def _tag(snapshot: Snapshot[Facts]) -> str:
    """Not the key alone: by that the release's own revision is found."""
    return f"{snapshot.key}-back"
