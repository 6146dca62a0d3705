"""What stands in a sentence is told, too: a state in small letters, and what begins a line with a capital."""

import pytest
from django.utils.translation import override

from deployments.languages.told import told
from deployments.templatetags.tealgate import percent


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("new 1.1.0", "새 1.1.0"),
        (
            "shop/production is locked by mina since 2026-03-02 12:00 UTC: the new one is slow",
            "shop/production 환경이 2026-03-02 12:00 UTC부터 잠겨 있습니다(잠금: mina 사용자): the new one is slow",
        ),
        ("New 1.1.0: 10 % of traffic", "새 1.1.0: 트래픽의 10%"),
        ("This gate is closed: timed out.", "이 게이트는 닫혔습니다: 시간 초과."),
        (
            "Read from AWS at 2026-03-02 12:00 UTC, 3 min before this was written.",
            "2026-03-02 12:00 UTC에 AWS에서 읽었습니다. 이 메시지를 쓰기 3분 전입니다.",
        ),
    ],
)
def test_a_reader_is_told_what_stands_within(english: str, korean: str) -> None:
    assert told(english, "ko") == korean


def test_a_reader_is_told_what_somebody_typed_like_a_message_s_id() -> None:
    """Whoever writes one as a reason must not take the page from everybody who reads Korean."""
    assert told("{0} has all production traffic", "ko").startswith("{0}")
    for typed in ("{0}", "{n} tasks", "{0} {1}", "%(person)s may.", "Gate: {0}; {1}"):
        told(typed, "ko")


def test_django_s_own_words_are_told_in_the_language_that_is_asked_for() -> None:
    """Told first where another language is active, as in a worker, they are kept for those who come after."""
    assert told("Enter a valid UUID.", "ko") == "올바른 UUID를 입력하세요."


@pytest.mark.parametrize("typed", ["Not ready. Roll back", "LGTM. The service is gone", "the new one is slow"])
@pytest.mark.parametrize(
    "sentence",
    [
        "Rejected by mina: {}",
        "Approved by mina: {}",
        "1.1.0 requested by mina: {}",
        "Roll back asked for by mina: {}",
        "Locked: {}",
        "Retired: {}",
        "Nobody has to approve: {}",
        "shop/production is locked by mina since 2026-03-02 12:00 UTC: {}",
    ],
)
def test_what_a_person_typed_is_told_as_it_was_written(sentence: str, typed: str) -> None:
    said = told(sentence.format(typed), "ko")
    assert said.endswith(typed)


def test_what_is_told_already_is_not_read_again_for_messages() -> None:
    """Pages tell what a view has told, and times are looked for in what was told."""
    once = told("Rejected by mina: Traffic stays where it is.", "ko")

    assert "반려" in once
    assert told(once, "ko") == told(str(once), "ko") == once


def test_what_the_rooms_add_to_a_person_s_words_is_told() -> None:
    assert told("Turning back: rejected by mina: web is gone. Traffic stays where it is.", "ko") == (
        "롤백하는 중: mina 반려: web is gone. 트래픽은 그대로 둡니다."
    )


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("Approved by mina: looks fine. Next: watch.", "mina 승인: looks fine. 다음: 관찰."),
        (
            "Approved by mina: looks fine. Next: shift traffic to 10 %.",
            "mina 승인: looks fine. 다음: 트래픽을 10%로 전환.",
        ),
        (
            "2 are protected from scale-in (ecs:UpdateTaskProtection)",
            "2개가 축소로부터 보호됩니다(ecs:UpdateTaskProtection)",
        ),
    ],
)
def test_what_was_glued_from_halves_is_told_whole(english: str, korean: str) -> None:
    assert told(english, "ko") == korean


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        (
            "Smoke checks are sent to http://10.0.0.1:8081: GET / has to answer 200; GET /healthz has to answer 200.",
            "스모크 검사를 보내는 곳은 http://10.0.0.1:8081입니다: GET / 응답 상태 200; GET /healthz 응답 상태 200.",
        ),
        ("1 approval by Approvers, not by the requester", "승인 1건(승인자), 요청자 제외"),
        (
            "Waiting for 1 approval by anyone with the right to approve, not by the requester",
            "승인 1건을 기다리는 중(승인 권한이 있는 누구나), 요청자 제외",
        ),
        ("Approved by 1 of 2: shop 1.1.0 to production", "2명 중 1명 승인: production 환경에 shop 1.1.0 배포"),
        (
            "Target 10.0.0.1:8000 of the load balancer is unhealthy: Target.Timeout",
            "로드 밸런서 대상 10.0.0.1:8000의 상태가 unhealthy: Target.Timeout",
        ),
        ("2 of 2 targets of new 1.2.0 are healthy", "새 1.2.0의 대상 2개 중 2개 정상"),
        (
            "New 1.2.0 answered 4 of 11 requests (36.4 %) with 5xx; at most 5 % is allowed; old 1.0.0 answered 0.0 % "
            "with 5xx.",
            "새 1.2.0 요청 11건 중 4건에 5xx로 응답(36.4%); 허용 한도는 5%; 이전 1.0.0의 5xx 비율은 0.0%.",
        ),
        (
            "Old 1.0.0 serves 90 % of production traffic, and new 1.1.0 serves 10 %.",
            "이전 1.0.0 버전이 프로덕션 트래픽의 90%를, 새 1.1.0 버전이 10%를 받습니다.",
        ),
        (
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1.0.0 (container web)",
            "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1.0.0(컨테이너 web)",
        ),
        (
            "a and b are checked alike: protocol HTTP, port 8000, path /healthz and matcher 200.",
            "a 대상 그룹과 b 대상 그룹의 상태 확인이 같습니다: 프로토콜 HTTP, 포트 8000, 경로 /healthz, 매처 200.",
        ),
    ],
)
def test_what_preflight_and_the_plan_list_is_told_part_by_part(english: str, korean: str) -> None:
    assert told(english, "ko") == korean


@pytest.mark.parametrize(("language", "said"), [("en", "12.5\u00a0%"), ("ko", "12.5%")])
def test_a_share_is_written_as_the_language_writes_it(language: str, said: str) -> None:
    with override(language):
        assert percent(12.5) == said


@pytest.mark.parametrize(
    ("said", "in_korean"),
    [
        ("1 of 2 targets of new 1.1.0 are healthy", "새 1.1.0의 대상 2개 중 1개 정상"),
        (
            "Only 1 of 3 targets of new 1.1.0 are healthy: 10.0.0.1:80 unhealthy",
            "새 1.1.0의 대상 3개 중 1개만 정상: 10.0.0.1:80 unhealthy",
        ),
        ("1 of 1 target of api is healthy", "api의 대상 1개 중 1개 정상"),
        ("2 of 2 tasks run; api answered 40 requests", "태스크 2개 중 2개 실행 중; api: 요청 40건에 응답"),
        ("Only 1 of 3 tasks of api run.", "api 서비스의 태스크 3개 중 1개만 실행 중입니다."),
    ],
)
def test_how_many_of_a_release_are_healthy_is_one_sentence(said: str, in_korean: str) -> None:
    assert told(said, "ko") == in_korean
