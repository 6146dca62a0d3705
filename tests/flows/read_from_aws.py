"""A shop of one service that the demo does not seed, read from AWS as a person would do it first."""

from typing import Any

from deployments.catalog.discovery import discover, environment_from
from deployments.catalog.models import Application, GatePolicy
from deployments.catalog.releases import register_release
from deployments.delivery.adoption import adopt
from deployments.people.principal import Principal
from tests.flows.storefront import Storefront, now


def read_from_aws(storefront: Storefront, service: str, *, container: str, gate: str, **settings: Any) -> Storefront:
    """With the demo's versions, what runs adopted, and a gate at this stage; `settings` are Environment's columns."""
    like, world = storefront.environment, storefront.sandbox.control.world
    application = Application.objects.create(name=service.capitalize(), slug=service)
    where = {"region": like.region, "role_arn": like.role_arn, "external_id": like.external_id}
    proposal = discover(**where, cluster=like.cluster, service=service, now=now())
    environment = environment_from(proposal, application=application, name="production")
    columns = {"scale_up_timeout_seconds": 30, "max_5xx_percent": 100, **settings}
    for column, value in columns.items():
        setattr(environment, column, value)
    environment.save()
    GatePolicy.objects.create(environment=environment, stage=gate)
    shop = Storefront(storefront.sandbox, environment)
    for version in world["versions"]:
        register_release(
            application=application,
            version=version,
            principal=Principal.person(shop.manager),
            now=now(),
            images={container: f"{world['repository_uri']}:{version}"},
        )
    adopt(environment=environment, now=now())
    return shop
