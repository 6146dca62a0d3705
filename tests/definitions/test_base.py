"""What a release's task definition starts from."""

from typing import Any

import pytest

from deployments.aws.values import TaskDefinition
from deployments.definitions.base import NoBase, base_of
from deployments.definitions.making import with_release
from deployments.vocabulary import BASE_TAG, DEPLOYMENT_TAG
from tests.fakes.aws import FakeGateway
from tests.swaps.cases import release, settings

OURS, WAY_BACK = {DEPLOYMENT_TAG: "d1"}, {DEPLOYMENT_TAG: "d1-back"}
ARN = "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop"


def revision(number: int, tags: dict[str, str] | None = None, status: str = "ACTIVE") -> TaskDefinition:
    document = {"family": "shop", "memory": str(number), "containerDefinitions": [{"name": "web", "image": "old"}]}
    return TaskDefinition(
        arn=f"{ARN}:{number}", family="shop", revision=number, status=status, document=document, tags=tags or {}
    )


def account(*revisions: TaskDefinition) -> FakeGateway:
    aws = FakeGateway()
    aws.task_definitions = {each.arn: each for each in revisions}
    return aws


def base(kind: str, aws: FakeGateway, **brought: Any) -> TaskDefinition:
    artefact = release(images={"web": "new"}, **brought)
    return base_of(settings(definition_base=kind), artefact, revision(1), aws)


def test_by_default_it_is_what_runs_and_nothing_more_is_read() -> None:
    aws = account(revision(1), revision(2))

    assert base("LIVE", aws, task_definition={"memory": "9"}) == revision(1)
    assert not aws.calls


@pytest.mark.parametrize(
    ("revisions", "number", "calls"),
    [
        ([revision(1), revision(2)], 2, 1),
        ([revision(1), revision(2), revision(3, OURS | {BASE_TAG: "2"})], 2, 2),
        # A way back holds what ran before; what somebody changed meanwhile is not lost by it.
        ([revision(1), revision(2), revision(3, OURS | {BASE_TAG: "2"}), revision(4, WAY_BACK)], 2, 4),
        ([revision(1), revision(2), revision(3, OURS), revision(4, OURS)], 2, 4),
        ([revision(1, OURS), revision(2), revision(3, OURS | {BASE_TAG: "2"}), revision(4)], 4, 1),
        ([revision(1), revision(2, status="INACTIVE")], 1, 1),
        # Somebody took back what ours was made from, by deregistering or deleting it.
        ([revision(1), revision(2, status="INACTIVE"), revision(3, OURS | {BASE_TAG: "2"})], 1, 4),
        ([revision(1), revision(3, OURS | {BASE_TAG: "2"})], 1, 4),
    ],
)
def test_the_newest_is_the_last_that_somebody_else_registered(
    revisions: list[TaskDefinition], number: int, calls: int
) -> None:
    aws = account(*revisions)

    assert base("NEWEST", aws) == revision(number)
    assert aws.calls.total() == calls


def test_where_all_are_tealgates_there_is_none() -> None:
    with pytest.raises(NoBase, match="None of the newest revisions of shop was registered by anybody but Tealgate"):
        base("NEWEST", account(revision(1, OURS), revision(2, WAY_BACK)))


def test_a_release_brings_its_own_into_the_family_of_the_service() -> None:
    document = {"family": "other", "memory": "9", "containerDefinitions": [{"name": "web", "image": "new"}]}

    found = base("RELEASE", account(), task_definition=document)

    assert with_release(found, release(images={"web": "new"})) == {**document, "family": "shop"}
    assert (found.arn, found.revision) == (f"{ARN} of release 1.1.0", 0)


def test_tags_are_the_live_ones_unless_the_file_has_its_own() -> None:
    live, artefact = revision(1, {"team": "shop"}), release(task_definition={"containerDefinitions": []})
    own = release(task_definition={"containerDefinitions": [], "tags": [{"key": "team", "value": "web"}, {"key": "x"}]})
    of_release = settings(definition_base="RELEASE")

    assert base_of(of_release, artefact, live, account()).tags == {"team": "shop"}
    assert base_of(of_release, own, live, account()).tags == {"team": "web", "x": ""}


def test_a_release_without_one_has_none_where_it_is_to_bring_it() -> None:
    with pytest.raises(NoBase, match="Release 1.1.0 brings no task definition, and shop/production starts from it"):
        base("RELEASE", account())
