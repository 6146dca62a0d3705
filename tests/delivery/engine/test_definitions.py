"""A release whose task definition changes more than images: forward and all the way back, in every way to swap."""

import copy
import json
from typing import Any

import pytest

from deployments.aws.actions import RegisterTaskDefinition
from deployments.aws.values import TaskDefinition
from deployments.catalog.models import Release
from deployments.delivery.models import Deployment
from deployments.vocabulary import BASE_TAG
from tests.delivery.engine.crashing import Story
from tests.delivery.engine.test_crashes import STORIES
from tests.delivery.engine.world import World

pytestmark = pytest.mark.django_db

BACK = (
    "rolled_back_while_warm",
    "stopped_when_the_tag_of_the_source_has_moved",
    "rolled_back_to_the_previous_task_definition",
    "rolled_back_to_the_digests_that_ran",
    "ecs_had_finished",
    "express_mode_had_finished",
    "codedeploy_had_finished",
)
TOLD = [story for story in STORIES if story.name in BACK]


def began(story: Story, base: str) -> tuple[World, Deployment, TaskDefinition]:
    """The story's world where more memory and a variable come with the release: by its file, or by Terraform."""
    world = story.make()
    (live,) = world.aws.task_definitions.values()
    document = changed(live)
    if base == "RELEASE":
        kept = {"document": document, "file": "taskdef.json", "salt": "0"}
        Release.objects.filter(pk=world.release.pk).update(task_definition=kept)
    else:
        later = TaskDefinition(
            arn=f"{live.arn.rpartition(':')[0]}:2", family=live.family, revision=2, status="ACTIVE",
            document=document,
        )  # fmt: skip
        world.aws.task_definitions[later.arn] = later
    world.environment.definition_base = base
    world.environment.save()
    return world, world.request(story.strategy, Release.objects.get(pk=world.release.pk)), live


def changed(live: TaskDefinition) -> dict[str, Any]:
    document = copy.deepcopy(dict(live.document))
    (container,) = document["containerDefinitions"]
    container["environment"] = [{"name": "LEVEL", "value": "hunter2"}]
    return {**document, "memory": "2048"}


def registered(world: World) -> list[dict[str, Any]]:
    return [dict(act.document) for act in world.aws.performed if isinstance(act, RegisterTaskDefinition)]


@pytest.mark.parametrize("base", ["RELEASE", "NEWEST"])
@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.name)
def test_memory_and_variables_come_with_a_release_and_go_with_it(story: Story, base: str) -> None:
    world, deployment, live = began(story, base)

    for step in story.steps:
        step(world, deployment)

    forward, *back = registered(world)
    assert (forward["memory"], forward["family"]) == ("2048", live.family)
    assert forward["containerDefinitions"][0]["environment"] == [{"name": "LEVEL", "value": "hunter2"}]
    # The way back goes to what ran, or to that with the digests instead of its tags.
    assert [document.get("memory") for document in back] == [live.document.get("memory")] * len(back)
    serving = [world.aws.task_definitions[each.task_definition] for each in world.aws.ecs.values() if each.desired]
    assert [each.document.get("memory") for each in serving] == [live.document.get("memory")]
    assert not serving[0].document["containerDefinitions"][0]["environment"]


@pytest.mark.parametrize("story", TOLD[:1])
def test_what_changes_is_kept_for_people_without_a_value(story: Story) -> None:
    world, deployment, _ = began(story, "RELEASE")

    world.run(deployment)

    lines = [f"{sign} {text.strip().rstrip(',')}" for sign, text in deployment.facts["difference"] if sign != " "]
    assert '+ "memory": "2048"' in lines and '+ "LEVEL"' in lines
    told = json.dumps([deployment.facts, [event.data for event in deployment.events.all()]], default=str)
    assert "hunter2" not in told


@pytest.mark.parametrize("story", TOLD[:1])
def test_a_revision_tells_what_it_was_made_from_where_that_was_the_newest(story: Story) -> None:
    world, deployment, _ = began(story, "NEWEST")

    world.run(deployment)

    (made,) = [act for act in world.aws.performed if isinstance(act, RegisterTaskDefinition)]
    assert made.tags[BASE_TAG] == "2"


@pytest.mark.parametrize(("brings", "said"), [
    (None, "Release 1.1.0 brings no task definition, and shop/production starts from it."),
    ({"taskRoleArn": "arn:aws:iam::123456789012:role/admin"},
     "names the role arn:aws:iam::123456789012:role/admin, which shop/production does not allow"),
])  # fmt: skip
@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.name)
def test_nothing_is_touched_where_it_may_not_be_registered(
    story: Story, brings: dict[str, Any] | None, said: str
) -> None:
    world, deployment, live = began(story, "RELEASE")
    document = {**changed(live), **brings} if brings else None
    kept = {"document": document, "file": "taskdef.json", "salt": "0"} if document else None
    Release.objects.filter(pk=world.release.pk).update(task_definition=kept)

    world.run(deployment)

    assert said in deployment.status_reason
    assert registered(world) == []
