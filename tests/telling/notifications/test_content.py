import json

from deployments.telling.notifications.content import Content

WHOLE = Content(
    subject="Waits for you: shop 1.4.2 to production",
    sentences=("It waits.",),
    facts=(("Reason", "Mends the cart"),),
    changes=("Release: 1.4.1 -> 1.4.2",),
    evidence=("Green: 2 of 2 healthy",),
    log_tail="one\ntwo",
    path="/deployments/gate/7/",
    link_text="Open the gate",
    tone="waits",
    place="shop/production",
    is_news=True,
    gate=7,
)


def test_what_is_kept_is_read_as_it_was() -> None:
    assert Content.of_json(json.loads(json.dumps(WHOLE.as_json()))) == WHOLE


def test_what_another_version_kept_is_read_as_far_as_it_is_known() -> None:
    kept = {"subject": "It waits", "tone": "purple", "picture": "x.png", "gate": "7"}

    assert Content.of_json(kept) == Content(subject="It waits")


def test_what_says_nothing_takes_no_room() -> None:
    assert Content(subject="It waits").as_json() == {"subject": "It waits", "tone": "plain"}
