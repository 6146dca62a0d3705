"""Whoever reads Korean pages leaves English in the database, and nothing of Korean but their own words."""

import json
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from deployments.aws.values import Image
from deployments.catalog import environments
from deployments.catalog.models import GatePolicy
from deployments.delivery import requests
from deployments.delivery.models import Deployment
from deployments.record.models import Event
from deployments.telling.notifications.models import Notice
from deployments.telling.notifications.receiving import take
from deployments.vocabulary import Status
from tests.delivery.engine.world import Clock, World, made, make_environment, make_release

#: What people typed, in their language.
REASON, COMMENT, WHY = "장바구니 오류를 고칩니다", "테스트 주소를 확인했습니다", "결제가 느립니다"
_HANGUL = re.compile("[가-힣][가-힣 ]*")


@pytest.fixture
def world(requester: User, approver: User, monkeypatch: pytest.MonkeyPatch) -> World:
    environment = make_environment()
    made(GatePolicy(environment=environment, timeout_minutes=60))
    release = make_release(environment.application)
    world = World(environment, release, requester, approver, clock=Clock(timezone.now()))
    for image in release.images.all():
        found = Image(repository=image.repository, tag="1.1.0", digest=image.digest, platforms=tuple(image.platforms))
        world.aws.images[image.repository, image.digest] = found
    for module in (environments, requests):
        monkeypatch.setattr(module, "connect", lambda binding: world.aws)
    return world


def korean(person: User) -> Client:
    """Somebody's browser, which asks for Korean."""
    client = Client(headers={"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.5"})
    client.force_login(person)
    return client


def request(world: World) -> Deployment:
    typed = {
        "release": world.release.pk, "environment": world.environment.pk, "strategy": "CANARY", "reason": REASON,
        "fingerprint": requests.fingerprint(world.environment, "CANARY"),
    }  # fmt: skip
    text = korean(world.requester).post(reverse("admin:deployments_deployment_preview"), typed, follow=True).text
    assert '<html lang="ko"' in text
    return world.run(Deployment.objects.latest("pk"))


def decide(world: World, deployment: Deployment, verdict: str, comment: str) -> str:
    address = reverse("admin:deployments_gate_decide", args=[deployment.pk, deployment.gates.latest("pk").pk])
    return korean(world.approver).post(address, {"verdict": verdict, "comment": comment}, follow=True).text


def do(world: World, deployment: Deployment, verb: str, **typed: str) -> str:
    address = reverse("admin:deployments_deployment_do", args=[deployment.pk, verb])
    text = korean(world.requester).post(address, typed, follow=True).text
    deployment.refresh_from_db()
    return text


def kept_in_korean() -> Iterator[tuple[str, str]]:
    """Column and Hangul of every row of every table."""
    for model in apps.get_app_config("deployments").get_models():
        columns = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField)
        ]
        for row in model._default_manager.values_list(*columns) if columns else ():
            for name, value in zip(columns, row, strict=True):
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
                for found in _HANGUL.findall(text):
                    yield f"{model.__name__}.{name}", found.strip()


def test_a_korean_flow_leaves_english_and_what_people_typed(world: World) -> None:
    gone_back = request(world)
    assert "사유를 적으세요" in decide(world, gone_back, "reject", " ")
    assert "승인" in decide(world, gone_back, "approve", COMMENT)
    world.advance(gone_back)
    assert "롤백" in do(world, gone_back, "roll-back")
    world.run(gone_back)
    assert gone_back.status == Status.ROLLBACK_SUCCESSFUL
    rejected = request(world)
    decide(world, rejected, "reject", WHY)
    world.run(rejected)
    for event in Event.objects.order_by("pk"):
        take(event, world.clock())

    kept = list(kept_in_korean())
    assert {found for _, found in kept} == {REASON, COMMENT, WHY}
    assert {"Deployment.reason", "Approval.comment", "Event.message", "Gate.reason"} <= {column for column, _ in kept}
    assert Notice.objects.exists()
