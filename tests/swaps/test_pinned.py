"""The revision that the way back goes to where the task definition before names tags."""

from dataclasses import replace
from typing import Any

import pytest

from deployments.aws.actions import Made, RegisterTaskDefinition
from deployments.aws.values import Task, TaskDefinition
from deployments.swaps.steps import pinned
from deployments.swaps.steps.pinned import Seen
from deployments.vocabulary import BASE_TAG
from tests.fakes.aws import FakeGateway
from tests.swaps.rolling_cases import NEW, OLD, returning

RAN, MOVED = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
CONTAINERS: list[dict[str, Any]] = [
    {"name": "web", "image": "shop:stable", "environment": [{"name": "MODE", "value": "x"}]},
    {"name": "proxy", "image": f"envoy@{MOVED}"},
]
LIVE = TaskDefinition(
    arn=OLD, family="api", revision=1, status="ACTIVE",
    document={"family": "api", "cpu": "256", "containerDefinitions": CONTAINERS},
    tags={"team": "shop", "tealgate:deployment": "3-old", "tealgate:release": "1.0.0"},
)  # fmt: skip


def task(digest: str = RAN, **changes: Any) -> Task:
    usual = Task(
        arn="arn:task/1",
        task_definition=OLD,
        last_status="RUNNING",
        desired_status="RUNNING",
        digests={"web": digest, "proxy": MOVED},
    )
    return replace(usual, **changes)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("nginx", "nginx"),
        ("nginx:1.29", "nginx"),
        ("bitnami/nginx:1.29", "bitnami/nginx"),
        ("docker.io/library/nginx:1.29", "docker.io/library/nginx"),
        ("ghcr.io/team/app:2.0", "ghcr.io/team/app"),
        ("localhost:5000/app", "localhost:5000/app"),
        ("registry.example.com:8443/team/app:2.0", "registry.example.com:8443/team/app"),
        ("[::1]:5000/app:2", "[::1]:5000/app"),
        (
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1.0.0",
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop",
        ),
        ("123456789012.dkr-ecr.us-east-1.on.aws/shop/web:latest", "123456789012.dkr-ecr.us-east-1.on.aws/shop/web"),
        (f"shop:1.0.0@{MOVED}", "shop"),
    ],
)
def test_an_image_keeps_its_registry_and_repository_however_it_is_named(named: str, expected: str) -> None:
    assert pinned.image(named, RAN) == f"{expected}@{RAN}"


def test_only_containers_that_are_named_by_a_tag_are_noted_and_pinned() -> None:
    digests = pinned.noted(LIVE, (task(), task(task_definition=NEW, digests={"web": MOVED})))

    assert LIVE.images_by_tag == {"web": "shop:stable"}
    assert digests == {"web": RAN}
    assert pinned.document(LIVE, digests) == {
        "family": "api",
        "cpu": "256",
        "containerDefinitions": [{**CONTAINERS[0], "image": f"shop@{RAN}"}, CONTAINERS[1]],
    }


def test_what_tasks_do_not_agree_on_or_do_not_tell_is_not_pinned_but_said() -> None:
    assert pinned.noted(LIVE, (task(), task(MOVED))) == {}
    assert pinned.noted(LIVE, (task(digests={}),)) == {}
    facts = returning(source_by_tag=("web",)).facts
    assert not pinned.is_wanted(facts)
    assert pinned.unread(facts).startswith("which image the tag of container web stood for before could not be read")


def test_the_revision_carries_the_deployments_tag_and_keeps_the_owners() -> None:
    pin = pinned.register(returning(source_digests={"web": RAN}), Seen(live=LIVE))

    assert isinstance(pin.action, RegisterTaskDefinition)
    assert pin.action.tags == {"team": "shop", "tealgate:deployment": "7-abc-back", "tealgate:release": "1.0.0"}
    assert pin.reason == "A revision of api:1 names the digests that ran, instead of tags: web sha256:aaaaaaaaaaaa"


def test_what_it_makes_is_where_the_way_back_goes_and_not_the_release() -> None:
    snapshot = returning(source_digests={"web": RAN})
    pin = pinned.register(snapshot, Seen(live=LIVE))

    known = pin.known(snapshot.facts, Made(task_definition="arn:api:3"))

    assert (pinned.goal(known), known.task_definition) == ("arn:api:3", NEW)
    assert not pinned.is_wanted(known)


def test_a_revision_whose_answer_was_lost_is_found_again_and_looked_for_only_then() -> None:
    aws = FakeGateway.single()
    made = aws.perform(RegisterTaskDefinition(document=LIVE.document, tags={"tealgate:deployment": "7-abc-back"}))
    lost = returning(source_digests={"web": RAN}, in_flight=({"operation": "RegisterTaskDefinition"},))

    seen = pinned.observe(lost, aws)

    assert seen.registered and seen.registered.arn == made.task_definition
    assert pinned.register(lost, seen).found == made
    assert pinned.observe(returning(source_digests={"web": RAN}), aws).registered is None


def test_a_revision_that_aws_refuses_is_done_without_and_said() -> None:
    snapshot = returning(source_digests={"web": RAN})
    pin = pinned.register(snapshot, Seen(live=LIVE))

    assert pin.if_refused
    assert not pinned.is_wanted(pin.if_refused)
    assert pinned.goal(pin.if_refused) == OLD
    assert "AWS refused the revision" in pinned.unread(pin.if_refused)


def test_it_does_not_tell_what_it_was_made_from() -> None:
    """Somebody may have registered a newer one since, which the next release is to start from."""
    live = replace(LIVE, tags={**LIVE.tags, BASE_TAG: "7"})

    action = pinned.register(returning(source_digests={"web": RAN}), Seen(live=live)).action

    assert isinstance(action, RegisterTaskDefinition)
    assert BASE_TAG not in action.tags and action.tags["team"] == "shop"
