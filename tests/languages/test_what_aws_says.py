"""What AWS, a container or a person says stays as it is, though a few of its words are messages of ours by chance."""

import time

import pytest

from deployments.languages.catalogs import reader
from deployments.languages.told import told

SAID_BY_AWS = (
    "The service is gone",
    "The service is not active.",
    "The target group is not in use",
    "The security token included in the request is expired",
    "User: arn:aws:sts::123456789012:assumed-role/tealgate/x is not authorized to perform: ecs:UpdateService on "
    "resource: arn:aws:ecs:eu-central-1:123456789012:service/shop/shop-blue because no identity-based policy allows "
    "the ecs:UpdateService action",
    "An error occurred (ThrottlingException) when calling the UpdateService operation (reached max retries: "
    "4): Rate exceeded",
    "Task failed ELB health checks in (target-group "
    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/a/1)",
    "(service shop) has reached a steady state.",
    "(service shop, taskSet ecs-svc/1) registered 2 targets in (target-group x)",
    "Circuit breaker: tasks failed to start",
    "No such task definition",
    "Service is healthy",
    "service is being deleted",
)
SAID_BY_PEOPLE = (
    "Users of the world",
    "the new one is slow",
    "the release is green",
    "deploy of shop is on hold",
    "2 of 3 tasks failed",
    "3 tasks of the old service",
    "The role is locked by mina",
    "Container web is unhealthy",
    "Failed to start",
    "Stopped by user",
    "new tasks failed",
    "Nothing is running",
)


@pytest.mark.parametrize("text", [*SAID_BY_AWS, *SAID_BY_PEOPLE])
@pytest.mark.parametrize("sentence", ["{}", "It said: {}"])
def test_what_others_say_is_told_as_they_said_it(text: str, sentence: str) -> None:
    assert text in told(sentence.format(text), "ko")


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("1.1.0 to shop/production", "1.1.0 → shop/production"),
        ("shop-blue is gone", "shop-blue이(가) 없어졌습니다"),
        ("blue and green", "블루, 그린"),
    ],
)
def test_what_the_rooms_say_in_few_words_is_told(english: str, korean: str) -> None:
    assert told(english, "ko") == korean


@pytest.mark.parametrize(
    "sentence",
    [
        "Locked: x{0}. ",
        "Approved by mina{0}: no{0}. ",
        "The service s{0} is gone. ",
        "s{0} was deployed by b{0} to c{0}. ",
        "a{0} has all production traffic and b{0} is gone, c{0} is kept warm until d{0} UTC. ",
    ],
)
def test_a_long_text_of_short_sentences_is_read_in_seconds(sentence: str) -> None:
    """What is tried grew with the fourth power of the sentences: the third of these took 14 seconds."""
    text = "".join(sentence.format(number) for number in range(400))[:4000]
    reader().read.cache_clear()
    began = time.process_time()

    told(text, "ko")
    assert time.process_time() - began < 5  # a guard against hanging, not a measurement
