"""A release whose task definition changes more than images: forward and all the way back, in every way to swap."""

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from deployments import swaps
from deployments.aws.actions import RegisterTaskDefinition
from deployments.aws.values import TaskDefinition
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Release
from deployments.definitions.difference import digest
from deployments.delivery import requests
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
        changed_meanwhile(world, live)
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


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story.name)
def test_the_environments_stop_time_out_comes_with_a_release_and_goes_with_it(story: Story) -> None:
    world = story.make()
    (live,) = world.aws.task_definitions.values()
    world.environment.stop_timeout_seconds = 60
    world.environment.save()
    deployment = world.request(story.strategy)

    for step in story.steps:
        step(world, deployment)

    forward, *back = registered(world)
    assert forward["containerDefinitions"][0]["stopTimeout"] == 60
    assert ["+", '      "stopTimeout": 60'] in [
        [sign, text.rstrip(",")] for sign, text in deployment.facts["difference"]
    ]
    assert not any("stopTimeout" in document["containerDefinitions"][0] for document in [live.document, *back])
    serving = [world.aws.task_definitions[each.task_definition] for each in world.aws.ecs.values() if each.desired]
    assert "stopTimeout" not in serving[0].document["containerDefinitions"][0]


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


@pytest.mark.parametrize("story", [story for story in TOLD if "tag" not in story.name and "digests" not in story.name],
                         ids=lambda story: story.name)  # fmt: skip
def test_what_is_registered_is_what_was_confirmed(story: Story) -> None:
    """Terraform registers another revision between the look and the click."""
    world = story.make()
    (live,) = world.aws.task_definitions.values()
    world.environment.definition_base = "NEWEST"
    world.environment.save()
    frozen = freeze(world.environment)
    lines = swaps.get(frozen.controller).difference(frozen, world.release.artefact, world.aws) or ()
    seen = f"{requests.fingerprint(world.environment, story.strategy)}_{digest(lines)}"
    changed_meanwhile(world, live)

    confirmed = world.request(story.strategy, confirmed=seen)
    world.run(confirmed)

    assert lines
    assert "is not what was confirmed: somebody registered or deployed another one since." in confirmed.status_reason
    assert registered(world) == []


def changed_meanwhile(world: World, live: TaskDefinition) -> None:
    arn = f"{live.arn.rpartition(':')[0]}:2"
    world.aws.task_definitions[arn] = replace(live, arn=arn, revision=2, document=changed(live))


@pytest.mark.parametrize("story", TOLD[:1])
def test_what_was_confirmed_is_in_the_log_and_goes_on_where_nothing_changed(story: Story) -> None:
    world = story.make()
    frozen = freeze(world.environment)
    lines = swaps.get(frozen.controller).difference(frozen, world.release.artefact, world.aws) or ()
    seen = f"{requests.fingerprint(world.environment, story.strategy)}_{digest(lines)}"

    deployment = world.request(story.strategy, confirmed=seen)
    world.run(deployment)

    assert len(registered(world)) == 1
    assert deployment.events.get(kind="deployment.requested").data["difference"] == digest(lines)
