"""The landing page of Express Mode, which the demo does not seed: read from AWS, as a person would do it first."""

from typing import Any

from bench.shop import Shop, now
from deployments.catalog.discovery import discover, environment_from
from deployments.catalog.models import Application, Environment, GatePolicy
from deployments.catalog.releases import register_release
from deployments.delivery.adoption import adopt
from deployments.people.principal import Principal
from deployments.vocabulary import Stage
from sandbox.world import LANDING


def seeded(shop: Shop, versions: tuple[str, ...]) -> Environment:
    """With these releases, what runs adopted, and a gate before ECS is told."""
    like = Environment.objects.get(application__slug="storefront", name="production")
    application = Application.objects.create(name="Landing", slug=LANDING)
    where = {"region": like.region, "role_arn": like.role_arn, "external_id": like.external_id}
    proposal = discover(**where, cluster=like.cluster, service=LANDING, now=now())
    environment = environment_from(proposal, application=application, name="production")
    for column, value in shop.stack.policy.items():
        setattr(environment, column, value)
    environment.save()
    GatePolicy.objects.create(environment=environment, stage=Stage.PRE_SCALE_UP)
    for version in versions:
        register_release(
            application=application,
            version=version,
            principal=Principal.person(shop.manager),
            now=now(),
            images={environment.container_name: f"{shop.stack.sandbox('world')['repository_uri']}:{version}"},
        )
    adopt(environment=environment, now=now())
    return environment


def door(shop: Shop) -> tuple[str, str]:
    """Where its listener answers here, and by which name it is asked for."""
    made: dict[str, Any] = shop.stack.sandbox("world")[LANDING]
    listeners = shop.stack.sandbox("listeners")["listeners"]
    return next(str(each["Url"]) for each in listeners if each["ListenerArn"] == made["listener"]), str(made["host"])
