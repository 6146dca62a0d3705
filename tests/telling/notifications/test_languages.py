"""Everybody is told in their own language, and what is kept of it is English."""

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import User
from django.utils.translation import get_language
from pytest_django.fixtures import Settings

from deployments.catalog.models import Release
from deployments.delivery import approvals
from deployments.delivery.models import Deployment
from deployments.people.language import choose
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.telling.chat.bot import cards
from deployments.telling.chat.models import ChatKind
from deployments.telling.notifications import log_tails, wording
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.languages import in_language
from deployments.telling.notifications.models import Message, Notice, NotificationAddress, NotificationChannel
from deployments.telling.notifications.receiving import take
from deployments.telling.notifications.sending import carrying, claiming
from tests.delivery.engine.world import World, make_release
from tests.outbound.smtp_server import Postman, receiving
from tests.telling.notifications.people import address, channel, join, newest

#: What stays as it is: names, what people typed, and AWS's own words.
KEPT = {
    *("shop", "green", "production", "web", "requester", "approver", "because"),
    *("AWS", "UTC", "Tealgate", "healthy"),
}


@pytest.fixture
def postman(settings: Settings) -> Iterator[Postman]:
    with receiving() as postman:
        settings.MAIL_URL, settings.MAIL_FROM = postman.url, "Tealgate <tealgate@example.com>"
        settings.SITE_URL = "https://tealgate.example.com"
        yield postman


def mailed(person: User) -> NotificationAddress:
    to = f"{person.username}@example.com"
    return address(person, service="email", url=f"email://{to}", shown=to)


def send_all(world: World) -> None:
    while parcels := claiming.claim("teller", world.clock(), under_way=(), most=100):
        for parcel in parcels:
            sent = carrying.send(parcel).sent
            assert sent.ok, sent.said
            Message.objects.filter(pk=parcel.message).update(status="SENT")


def body(letter: EmailMessage, kind: str) -> str:
    part = letter.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def english(text: str) -> set[str]:
    """Words of English that are left in it."""
    plain = re.sub(r"https?://\S+|sha256:\S+|\S+@\S+|\([+-]\)|5xx", " ", text)
    return set(re.findall(r"[A-Za-z]{3,}", plain)) - KEPT


def all_of(content: Content) -> str:
    facts = (part for fact in content.facts for part in fact)
    said = (content.subject, content.link_text, *content.sentences, *facts, *content.changes, *content.evidence)
    return "\n".join(said)


def test_a_korean_and_an_english_approver_are_each_mailed_in_their_own_language(world: World, postman: Postman) -> None:
    minji = join("minji", "Approvers")
    choose(minji, "ko")
    for person in (minji, world.approver):
        mailed(person)
    deployment = world.run(world.request())
    before = get_language()

    take(newest(deployment, "gate.opened"), world.clock())
    send_all(world)

    letters = {letter["To"]: letter for letter in postman.letters}
    korean, english_one = letters["minji@example.com"], letters[f"{world.approver.username}@example.com"]
    assert korean["Subject"] == "내 결정을 기다림: production 환경에 shop 1.1.0 배포"
    assert english_one["Subject"] == "Waits for you: shop 1.1.0 to production"
    assert "승인 1건이 필요합니다" in body(korean, "plain")
    assert "It needs 1 approval" in body(english_one, "plain")
    assert '<html lang="ko">' in body(korean, "html")
    assert '<html lang="en">' in body(english_one, "html")
    assert english(body(korean, "plain")) <= {"minji", "commit"}
    assert not re.search("[가-힣]", body(english_one, "plain") + body(english_one, "html"))
    assert get_language() == before

    [event] = deployment.events.filter(kind="gate.opened")
    assert event.message.isascii()
    assert {row.content["subject"] for row in Message.objects.all()} == {english_one["Subject"]}
    assert {row.subject for row in Notice.objects.all()} == {english_one["Subject"]}


def test_a_channel_is_told_in_the_language_that_was_chosen_for_it(world: World) -> None:
    korean, other = channel("결제팀", language="ko"), channel("team")
    for each in (korean, other):
        address(each, service="slack", url=f"slack://xoxb-1/C{each.pk}", shown="slack")
        address(each, service="eventbridge", url="eventbridge://arn:aws:events:eu-central-1:1:event-bus/b", shown="bus")
    deployment = world.run(world.request())

    take(newest(deployment, "gate.opened"), world.clock())

    said = {
        (Message.objects.get(pk=parcel.message).address.of, parcel.service): parcel.outgoing.content.subject
        for parcel in claiming.claim("teller", world.clock(), under_way=(), most=10)
        if parcel.outgoing
    }
    told_all = "Waits for approval: shop 1.1.0 to production"
    assert said == {
        ("결제팀", "slack"): "승인을 기다림: production 환경에 shop 1.1.0 배포",
        ("결제팀", "eventbridge"): told_all,
        ("team", "slack"): told_all,
        ("team", "eventbridge"): told_all,
    }


def test_a_language_that_the_settings_name_no_more_is_english(world: World) -> None:
    NotificationChannel.objects.create(name="old", made_at=world.clock(), language="xx")
    address(NotificationChannel.objects.get(), service="slack", url="slack://xoxb-1/C1", shown="slack")
    deployment = world.run(world.request())
    take(newest(deployment, "gate.opened"), world.clock())

    [parcel] = claiming.claim("teller", world.clock(), under_way=(), most=10)

    assert parcel.outgoing is not None
    assert parcel.outgoing.content.subject.startswith("Waits for approval")


def test_what_people_typed_is_told_in_no_other_language(world: World) -> None:
    """Also where it is just what Tealgate itself would say."""
    deployment = world.run(world.request())
    Deployment.objects.filter(pk=deployment.pk).update(reason="It is turned back now.")
    content = wording.content_of(newest(deployment, "gate.opened"), Kind.GATE_WAITS, world.clock())
    assert content is not None

    told = in_language(replace(content, log_tail="It is turned back now."), "ko")

    assert dict(told.facts)["사유"] == "It is turned back now."
    assert told.log_tail == "It is turned back now."
    log = log_tails.shortened([f"It is turned back now. {number}" for number in range(500)])
    first, second, *_ = in_language(replace(content, log_tail=log), "ko").log_tail.split("\n")
    assert first.startswith("(줄임: ") and english(first) == set()
    assert second.startswith("It is turned back now. ")
    assert in_language(Content(subject="It is turned back now."), "ko").subject == "지금 롤백합니다."


def test_notes_of_releases_are_told_as_they_were_written_whatever_stands_before_them(world: World) -> None:
    """Of the release and of those that come with it; the words around them are told."""
    note, application = "Traffic stays where it is.", world.environment.application
    old, _, asked_for = (make_release(application, f"1.{n}.0", str(n)) for n in (2, 3, 4))
    Release.objects.update(notes=f"{note}\n{note}", git_sha="c" * 40)
    deployment = world.run(world.request(release=asked_for))
    Deployment.objects.update(source_release=old)

    content = wording.content_of(newest(deployment, "gate.opened"), Kind.GATE_WAITS, world.clock())

    assert content is not None
    assert in_language(content, "ko").changes[:3] == (
        f"1.4.0(커밋 cccccccccccc): {note}", note, f"추가로 1.3.0(커밋 cccccccccccc): {note}",
    )  # fmt: skip


@pytest.mark.parametrize("ends", ["approve", "reject"])
def test_how_it_ended_leaves_no_english_in_a_korean_message(world: World, ends: str) -> None:
    deployment = world.run(world.request())
    gate = deployment.gates.get()
    act = approvals.approve if ends == "approve" else approvals.reject
    act(gate=gate, principal=Principal.person(world.approver), comment="결제가 느립니다", now=world.clock())
    world.run(deployment)
    for event in Event.objects.order_by("pk"):
        take(event, world.clock())

    contents = [Content.of_json(row.content) for row in Notice.objects.all()]
    left = {content.subject: found for content in contents if (found := english(all_of(in_language(content, "ko"))))}

    assert len(contents) > 1
    assert left == {}


def test_many_messages_and_a_week_are_told_in_korean(world: World) -> None:
    waits = Content(subject="Waits for you: shop 1.1.0 to production", tone="waits", place="shop/production")
    back = replace(waits, subject="Turned back: shop 1.1.0 on production, 1.0.0 has all traffic")
    deployment = world.run(world.request())
    world.approve(deployment)
    world.run(deployment)

    summary = in_language(wording.summary([waits, back, waits]), "ko")
    week = wording.weekly(None, world.clock())

    assert summary.subject == "메시지 3개: 내 결정을 기다림 2건, 롤백됨 1건"
    assert english(all_of(summary)) == set()
    assert week is not None
    assert in_language(week, "ko").subject == "한 주 요약: 운영 시작 1건"
    assert english(all_of(in_language(week, "ko"))) == set()


@pytest.mark.parametrize("begins", ["That is over", "Somebody is at it"])
@pytest.mark.parametrize(
    "failed", ["Roll back failed: {}", "Failed: {} was left where it is", "Stuck: {} makes no progress"]
)
def test_that_somebody_is_at_it_or_that_it_is_over_leaves_no_english(begins: str, failed: str) -> None:
    was = failed.format("shop 1.1.0 on production")
    content = Content(subject=f"{begins}: {was}")

    together = wording.summary([content, replace(content, subject="Only 15 min left: shop 1.1.0 to production")])

    assert english(in_language(content, "ko").subject + in_language(together, "ko").subject) == set()


def test_buttons_in_teams_are_called_in_the_language_of_the_card() -> None:
    approve, reject = cards.buttons(17, "seen", "ko")

    assert (approve["title"], reject["title"], reject["verb"]) == ("승인", "반려", cards.REJECT)
    assert [each["title"] for each in cards.buttons(17, "seen", "en")] == ["Approve", "Reject"]


def test_a_message_of_another_version_is_told_as_far_as_it_can(world: World) -> None:
    kept = {"subject": "Live: shop 1.1.0 on production", "sentences": ["Something that nobody says any more."]}

    told = in_language(Content.of_json(kept), "ko")

    assert told.subject == "운영 중: production 환경의 shop 1.1.0"
    assert told.sentences == ("Something that nobody says any more.",)
    assert "language" not in told.as_json()
    assert ChatKind.SLACK not in told.answered_in
