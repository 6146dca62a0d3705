"""Deployments at the places where people can do something, as rows: no engine has to bring them there."""

from datetime import timedelta
from typing import Any

from deployments.delivery.models import Deployment, Gate
from deployments.vocabulary import Stage, Status
from tests.delivery.engine.world import World


def pending(shop: World) -> Deployment:
    return shop.request()


def under_way(shop: World, **columns: Any) -> Deployment:
    deployment = shop.request()
    Deployment.objects.update(status=Status.IN_PROGRESS, **columns)
    deployment.refresh_from_db()
    return deployment


def warm(shop: World, **kept: float) -> Deployment:
    """All traffic is on the target, the source is kept for an hour."""
    until = shop.clock() + timedelta(**kept or {"hours": 1})
    return under_way(shop, stage=Stage.CLEAN_UP, source_kept_until=until)


def not_rolled_back(shop: World) -> Deployment:
    deployment = shop.request()
    Deployment.objects.update(status=Status.ROLLBACK_FAILED, next_check_at=None, finished_at=shop.clock())
    deployment.refresh_from_db()
    return deployment


def at_gate(shop: World, **columns: Any) -> Gate:
    deployment = under_way(shop, stage=Stage.POST_TEST_TRAFFIC_SHIFT, position=3)
    usual = {
        "deployment": deployment,
        "stage": deployment.stage,
        "position": deployment.position,
        "opened_at": shop.clock(),
        "expires_at": shop.clock() + timedelta(hours=1),
        "evidence": {"weights": {"blue": 100}},
        "plan_hash": deployment.plan_hash,
    }
    return Gate.objects.create(**{**usual, **columns})
