"""What Python says on the pages, to whoever reads them in Korean; what is kept stays English."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from deployments.admin.palette.entries import Entry
from deployments.admin.spoken import HERE, naming
from deployments.catalog.models import Application
from deployments.delivery.models import Deployment, Gate
from deployments.languages.told import told
from deployments.record.models import Event
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

Reader = Callable[[User | str], Client]


@pytest.fixture
def reads(browse: Browser) -> Reader:
    def reading(person: User | str) -> Client:
        client = browse(person)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
        return client

    return reading


def text_of(client: Client, address: str, **asked: str) -> str:
    return client.get(address, asked).content.decode()


def found(client: Client, said: str) -> list[Entry]:
    answer = client.get(reverse("admin:search"), {"s": said, "part": "1"})
    return [entry for section in answer.context["sections"] for entry in section.entries]


def test_a_list_names_its_columns_filters_and_search(at_gate: Deployment, requester: User, reads: Reader) -> None:
    text = text_of(reads(requester), reverse("admin:deployments_deployment_changelist"))

    for said in (
        "요청자",
        "소요 시간",
        "진행 중",
        "종료됨",
        "버전, 애플리케이션, 환경, 사유, 사람, 실행으로 검색",
        "카나리",
    ):
        assert said in text, said
    assert "Requested by" not in text and "Running" not in text


def test_a_page_in_english_stays_english_after_one_in_korean(
    at_gate: Deployment, requester: User, reads: Reader, browse: Browser
) -> None:
    address = reverse("admin:deployments_deployment_changelist")
    text_of(reads(requester), address)

    text = text_of(browse(requester), address)
    assert "Requested by" in text and "요청자" not in text


def test_a_form_names_its_fields_and_what_is_wrong(world: World, administrator: User, reads: Reader) -> None:
    client = reads(administrator)
    address = reverse("admin:deployments_environment_change", args=[world.environment.pk])
    assert "게이트가 없는 이유" in text_of(client, address) and "롤백 조건" in text_of(client, address)

    answer = client.post(reverse("admin:deployments_environment_add"), {"controller": "SERVICE_PAIR", "ladder": "x"})
    assert answer.context["errors"]
    text = answer.content.decode()
    assert "이 배포 컨트롤러에 필요합니다." in text and "This controller needs it." not in text


def test_what_was_done_is_said_in_korean_and_kept_in_english(
    at_gate: Deployment, approver: User, reads: Reader
) -> None:
    client, gate = reads(approver), Gate.objects.get()
    address = reverse("admin:deployments_gate_change", args=[gate.pk])
    seen = client.get(address).context["seen"]

    answer = client.post(address, {"verdict": "approve", "comment": "확인했습니다", "seen": seen})

    assert str(next(iter(get_messages(answer.wsgi_request)))) == "1.1.0 → shop/production: 승인됨."
    message = Event.objects.filter(kind="gate.approved").latest("pk").message
    assert message.replace("확인했습니다", "").isascii()


def test_the_log_is_told_from_the_parts_that_are_kept_and_not_read_anew(
    at_gate: Deployment, world: World, administrator: User, reads: Reader
) -> None:
    """What a person typed is kept as such, also where a newer version would read it as a sentence of its own."""
    typed, client = "Traffic stays where it is.", reads(administrator)
    newest = Event.objects.latest("pk")
    Event.objects.filter(pk=newest.pk).update(kind="deployment.gone_on", message=typed, said=[typed])

    answer = client.get(reverse("admin:deployments_deployment_change", args=[at_gate.pk]))
    assert f'<span class="tg-events-what">{typed}</span>' in answer.content.decode()
    assert [text for _, _, text in answer.context["chart"]["marks"]] == [typed]
    for page in (
        reverse("admin:deployments_environment_change", args=[world.environment.pk]),
        reverse("admin:deployments_event_changelist"),
    ):
        assert typed in text_of(client, page), page


def test_who_may_not_is_told_so_in_korean(world: World, outsider: User, reads: Reader) -> None:
    client = reads(outsider)

    text = text_of(client, reverse("admin:deployments_environment_adopt", args=[world.environment.pk]))
    assert "권한이 없습니다: 환경 변경. 관리자에게 요청하세요." in text
    assert "여기에는 아무것도 없습니다" in text_of(client, reverse("admin:deployments_deployment_change", args=[4711]))


def test_the_menu_speaks_korean(world: World, requester: User, reads: Reader) -> None:
    text = text_of(reads(requester), reverse("admin:index"))

    for said in ("현황판", "받은 알림", "릴리스", "내 알림"):
        assert said in text, said


@pytest.mark.parametrize("said", ["배포 1.1.0 production", "1.1.0을 production에 배포", "deploy 1.1.0 to production"])
def test_a_deployment_is_asked_for_in_korean_and_in_english(
    said: str, world: World, requester: User, reads: Reader
) -> None:
    first = found(reads(requester), said)[0]

    assert first.title == "shop/production 환경에 1.1.0 배포"
    assert f"release={world.release.pk}" in first.link


def test_actions_and_pages_are_found_by_their_korean_names(at_gate: Deployment, approver: User, reads: Reader) -> None:
    client = reads(approver)
    decide = reverse("admin:deployments_gate_change", args=[Gate.objects.get().pk])

    assert found(client, "승인")[0].link == found(client, "반려 production")[0].link == decide
    assert reverse("admin:index") in [entry.link for entry in found(client, "현황판")]
    assert reverse("admin:index") in [entry.link for entry in found(client, "board")]
    assert "승인을 기다림" in " ".join(f"{entry.title} {entry.hint}" for entry in found(client, "게이트"))


def test_deployments_are_found_by_a_state_of_two_syllables(
    world: World, at_gate: Deployment, requester: User, reads: Reader
) -> None:
    Deployment.objects.filter(pk=at_gate.pk).update(status="FAILED")

    assert reverse("admin:deployments_deployment_change", args=[at_gate.pk]) in [
        entry.link for entry in found(reads(requester), "실패")
    ]


def test_a_roll_back_is_found_in_korean(shifting: Deployment, requester: User, reads: Reader) -> None:
    asked = reverse("admin:deployments_deployment_do", args=[shifting.pk, "roll-back"])

    assert found(reads(requester), "롤백 production")[0].link == asked


def test_a_name_is_nobody_s_message(world: World, requester: User, reads: Reader) -> None:
    """There is a page called Board."""
    Application.objects.filter(pk=world.environment.application_id).update(name="Board")

    text = text_of(reads(requester), reverse("admin:deployments_application_changelist"))
    assert ">Board</a>" in text


def test_what_is_named_in_an_answer_is_not_told_with_it() -> None:
    """Answers are told as they are kept for the next page."""
    with override("ko"):
        said = naming(f"locked: {HERE}", "Traffic stays where it is.")

        assert told(said) == said and said.endswith("Traffic stays where it is.")


def test_shares_of_traffic_are_told_with_their_durations() -> None:
    english = "10\u00a0% for 1 min, then 20\u00a0% for 1 h 30 min, …, then 100\u00a0%"

    assert told(english, "ko") == "10% 1분 동안, 그다음 20% 1시간 30분 동안, …, 그다음 100%"


def test_a_right_is_named_by_its_table_in_korean(administrator: User, reads: Reader) -> None:
    text = text_of(reads(administrator), reverse("admin:auth_group_add"))

    assert "게이트 보기" in text and "로그인 시도 보기" in text and "Can view" not in text
