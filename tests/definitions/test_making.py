from typing import Any

import pytest

from deployments.aws.values import TaskDefinition
from deployments.definitions.difference import difference
from deployments.definitions.making import MissingContainer, with_release
from tests.swaps.cases import OLD, release

DOCUMENT: dict[str, Any] = {
    "family": "shop",
    "cpu": "256",
    "executionRoleArn": "arn:aws:iam::123456789012:role/shop",
    "containerDefinitions": [
        {
            "name": "web",
            "image": "shop@sha256:1",
            "environment": [{"name": "API_KEY", "value": "hunter2"}, {"name": "A", "value": "b"}],
            "secrets": [{"name": "DATABASE_URL", "valueFrom": "arn:aws:ssm:::parameter/db"}],
        },
        {"name": "proxy", "image": "nginx:1.25"},
    ],
}
LIVE = TaskDefinition(arn=OLD, family="shop", revision=1, status="ACTIVE", document=DOCUMENT)


def test_only_the_images_of_the_release_change() -> None:
    document = with_release(LIVE, release(images={"web": "shop@sha256:2"}))

    web, proxy = document["containerDefinitions"]
    assert (web["image"], proxy["image"]) == ("shop@sha256:2", "nginx:1.25")
    assert {**document, "containerDefinitions": ()} == {**DOCUMENT, "containerDefinitions": ()}
    assert LIVE.document["containerDefinitions"][0]["image"] == "shop@sha256:1"


def test_a_stop_time_out_is_for_the_containers_that_the_release_replaces() -> None:
    document = with_release(LIVE, release(images={"web": "shop@sha256:2"}), 90)

    assert [each.get("stopTimeout") for each in document["containerDefinitions"]] == [90, None]


def test_a_container_that_is_not_there_is_named() -> None:
    with pytest.raises(MissingContainer) as caught:
        with_release(LIVE, release(images={"web": "x", "worker": "y", "api": "z"}))

    assert "image for api, worker, but the task definition shop:1 has only proxy, web" in str(caught.value)


def test_the_difference_shows_what_changes_and_two_lines_around_it() -> None:
    lines = difference(DOCUMENT, with_release(LIVE, release(images={"proxy": "nginx:1.27"})))

    assert [(sign, text.strip()) for sign, text in lines if sign != " "] == [
        ("-", '"image": "nginx:1.25",'),
        ("+", '"image": "nginx:1.27",'),
    ]
    assert len(lines) <= 6


def test_the_difference_never_shows_the_value_of_a_variable_and_tells_where_a_secret_is() -> None:
    without_key = {
        **DOCUMENT,
        "containerDefinitions": [{**DOCUMENT["containerDefinitions"][0], "environment": [], "secrets": []}],
    }

    shown = "\n".join(text for _, text in difference(DOCUMENT, without_key))

    assert "API_KEY" in shown and "DATABASE_URL from arn:aws:ssm:::parameter/db" in shown
    assert "hunter2" not in shown


def test_two_equal_definitions_have_no_difference() -> None:
    assert difference(DOCUMENT, DOCUMENT) == ()
