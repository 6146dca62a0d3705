"""Words and pictures, without a database."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils.translation import override

from deployments import words
from deployments.admin import drawing
from deployments.delivery.views.plan import shares_sentence
from deployments.frozen import Plan, Step
from deployments.templatetags.tealgate import clocks, counted, digest, figure
from deployments.words import clock_words, countdown_words, duration_words, joined, stage_label, status_label
from tests.config.documents import ROOT


@pytest.mark.parametrize(
    ("hours", "said"),
    [(5, "17:00:00"), (-5, "07:00:00"), (13, "2026-03-03 01:00:00"), (72, "2026-03-05 12:00:00"),
     (-24, "2026-03-01 12:00:00")],
)  # fmt: skip
def test_a_time_of_another_day_has_its_day(hours: int, said: str) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

    assert clock_words(noon + timedelta(hours=hours), noon) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (-5, "0 s"), (59, "59 s"), (60, "1 min"), (3723, "1 h 2 min"), (90061, "1 d 1 h")],
)
def test_durations_are_said_in_two_units(seconds: float, said: str) -> None:
    assert duration_words(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(5, "0:05"), (754, "12:34"), (3723, "1 h 2 min"), (86399, "23 h 59 min"), (200000, "2 d 7 h")]
)
def test_a_countdown_is_never_read_as_a_time_of_day(seconds: float, said: str) -> None:
    assert countdown_words(seconds) == said


def test_unknown_stages_and_statuses_are_shown_all_the_same() -> None:
    assert stage_label("SOMETHING_NEW") == "Something new"
    assert status_label("SOMETHING_NEW") == "Something new"


@pytest.mark.parametrize(("count", "said"), [(0, "0 tasks"), (1, "1 task"), (2, "2 tasks")])
def test_things_are_counted_in_the_singular_and_plural(count: int, said: str) -> None:
    assert words.counted(count, "task") == said


def test_a_plural_of_its_own_can_be_given_and_large_numbers_are_grouped() -> None:
    assert words.counted(2, "task runs", "tasks run") == "2 tasks run"
    assert [counted(1204, "request"), counted(None, "request")] == ["1\u202f204 requests", "– requests"]


@pytest.mark.parametrize(("said", "ended"), [("", ""), ("Gone ", "Gone."), ("Gone.", "Gone."), ("Why?", "Why?")])
def test_a_sentence_gets_an_end_so_that_another_can_follow(said: str, ended: str) -> None:
    assert words.full_stop(said) == ended


def test_names_are_joined_as_in_a_sentence() -> None:
    assert [joined(["a"]), joined(["a", "b"]), joined(["a", "b", "c"], "or")] == ["a", "a and b", "a, b or c"]


def test_a_digest_is_shortened_to_what_people_compare() -> None:
    assert digest("sha256:" + "0123456789abcdef" * 4) == "sha256:0123456789ab"


def test_a_korean_reader_gets_times_and_arns_with_a_particle_written_on() -> None:
    arn = "arn:aws:ecs:us-east-1:123456789012:service/shop/shop-blue"
    with override("ko"):
        said = clocks("00:10:00 UTC까지 관찰 중", datetime(2026, 3, 2, 23, 59, tzinfo=UTC))
        assert 'datetime="2026-03-03T00:10:00+00:00"' in said and said.endswith("</time>까지 관찰 중")
        assert clocks(f"{arn}를 확장했습니다").endswith("shop/shop-blue</code>를 확장했습니다")


def test_a_reader_is_told_each_of_several_sentences_and_escaped_once() -> None:
    page = Template('{% load tealgate %}{{ red|told_each:" "|clocks }}')
    sentences = Context({"red": ["Alarm a&b does not exist any more", "Traffic stays where it is."]})
    with override("en"):
        assert page.render(sentences) == "Alarm a&amp;b does not exist any more Traffic stays where it is."
    with override("ko"):
        assert page.render(sentences).endswith("트래픽은 그대로 둡니다.")


def test_no_page_joins_sentences_before_they_are_told() -> None:
    """Django's `join` marks its text as a page's own, which is told no more."""
    joined_first = {
        f"{path.relative_to(ROOT)}": found
        for path in (ROOT / "templates").rglob("*.html")
        if (found := re.findall(r"\|join:[^}%]*?\|(?:told|clocks)", path.read_text()))
    }
    assert joined_first == {}


def test_a_time_of_day_in_a_sentence_becomes_a_time_on_the_right_day() -> None:
    late = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)

    assert 'datetime="2026-03-03T00:10:00+00:00"' in clocks("Watching until 00:10:00 UTC", late)


def test_a_time_that_is_said_without_its_seconds_is_shown_without_any() -> None:
    for said in ("locked since 09:05 UTC", "locked since 2026-03-02 09:05 UTC"):
        assert 'data-local="minutes"' in clocks(said)
    assert 'data-local=""' in clocks("Watching until 09:05:00 UTC")


def test_text_around_a_time_of_day_stays_text() -> None:
    assert "&lt;b&gt;" in clocks("<b> until 00:10:00 UTC")


def plan(*rungs: tuple[int, int]) -> Plan:
    steps = [Step(stage="PRODUCTION_TRAFFIC_SHIFT", percent=percent, bake_seconds=bake) for percent, bake in rungs]
    bake = Step(stage="BAKE_TIME", bake_seconds=300)
    return Plan(controller="SERVICE_PAIR", strategy="CANARY", steps=(*steps, bake), way_back=())


def test_a_ladder_is_said_in_words() -> None:
    assert shares_sentence(plan((10, 600), (100, 0))) == "10\u00a0% for 10 min, then 100\u00a0%"


def test_a_ladder_climbs_to_the_right_and_stays_in_its_box() -> None:
    drawn = drawing.ladder(plan((1, 300), (25, 600), (100, 0)))

    assert [mark.text for mark in drawn.labels] == ["1\u00a0%", "25\u00a0%", "100\u00a0%"]
    assert all(0 < mark.x < drawn.width for mark in drawn.labels)
    assert [mark.y for mark in drawn.labels] == sorted((mark.y for mark in drawn.labels), reverse=True)


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/shop-blue/0b46576c44151a9e", "shop-blue"),
        ("arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shop/0b46576c44151a9e", "shop"),
        ("arn:aws:ecs:eu-central-1:123456789012:service-deployment/shop/api/abc", "shop/api/abc"),
        ("arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:7", "shop:7"),
        ("arn:aws:sns:eu-central-1:123456789012:topic", "topic"),
    ],
)
def test_arns_in_a_sentence_are_shortened_to_what_people_call_them(arn: str, name: str) -> None:
    assert clocks(f"Failed in (target-group {arn}).") == (
        f'Failed in (target-group <code title="{arn}">{name}</code>).'
    )


def test_commands_in_a_sentence_are_set_off_and_stay_text() -> None:
    assert clocks("Run `docker <b>` again.") == "Run <code>docker &lt;b&gt;</code> again."


def test_a_ladder_without_any_bake_time_can_be_drawn() -> None:
    steps = (Step(stage="PRODUCTION_TRAFFIC_SHIFT", percent=100),)

    assert drawing.ladder(Plan(controller="X", strategy="BLUE_GREEN", steps=steps, way_back=())).path


def test_a_date_and_time_in_a_sentence_becomes_a_time() -> None:
    assert 'datetime="2026-03-02T09:05:00+00:00"' in clocks("locked since 2026-03-02 09:05 UTC: Freeze")


@pytest.mark.parametrize("typed", ["since 24:00 UTC", "at 12:60 UTC", "on 2026-02-30 12:00 UTC", "at 99:99:99 UTC <b>"])
def test_a_time_that_there_is_not_stays_as_it_was_typed(typed: str) -> None:
    """People write reasons and comments, and a page must show them."""
    assert clocks(typed) == typed.replace("<b>", "&lt;b&gt;")


@pytest.mark.parametrize(
    ("percent", "said"),
    [
        (0, "0"),
        (0.004, "<0.01"),
        (0.04, "0.04"),
        (0.25, "0.25"),
        (0.5, "0.5"),
        (2.54, "2.5"),
        (12.4, "12"),
        (100, "100"),
    ],
)
def test_a_share_of_something_is_never_rounded_to_nothing(percent: float, said: str) -> None:
    assert figure(percent, "%") == f"{said}\u00a0%"
