"""A site with one row of everything, and its addresses."""

from dataclasses import replace
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django_q.models import Failure, OrmQ

from deployments.admin.deployment_actions import VERBS
from deployments.aws.values import Image
from deployments.catalog import bundles, discovery, releases, tokens
from deployments.catalog.choosing import looking
from deployments.catalog.models import Application, Environment, Release, ReleaseImage, Token, Trust
from deployments.delivery import adoption
from deployments.delivery.models import Approval, Deployment, Gate
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.telling.chat.models import ChatAccount, ChatWorkspace
from deployments.telling.forge.models import Forge, ForgeKind, ForgeRepository
from deployments.telling.notifications.models import Message, Notice, NotificationAddress, NotificationChannel
from deployments.telling.webhooks.models import WebhookDelivery, WebhookSubscription
from tests.admin.addresses.pages import Address, addresses
from tests.delivery.engine.world import World
from tests.fakes.aws import SHOP

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"


@pytest.fixture
def site(
    aws: World, at_gate: Deployment, administrator: User, outsider: User, monkeypatch: pytest.MonkeyPatch
) -> World:
    """One row of everything, so that every page has something to show."""
    aws.environment.save()  # a version
    AccessAttempt.objects.create(
        username="x", ip_address="127.0.0.1", attempt_time=timezone.now(), failures_since_start=1
    )
    OrmQ.objects.create(key="tealgate", payload="", lock=timezone.now())
    now = timezone.now()
    Failure.objects.create(id="f" * 32, name="beat", func="beat", started=now, stopped=now, success=False)
    Group.objects.create(name="Payments")
    User.objects.create_user("groupless", is_staff=True)
    User.objects.create_superuser("root")
    tokens.make(
        name="ci", scopes=["read"], environments=[], principal=Principal.person(aws.requester), now=timezone.now()
    )
    Trust.objects.create(
        name="trust", owner=aws.requester, issuer="https://ci.example.com", audience="x", made_at=timezone.now(),
        claims={"sub": "x"}, scopes=["read"],
    )  # fmt: skip
    forge = Forge.objects.create(
        name="GitLab", kind=ForgeKind.GITLAB, api_url="https://gitlab.example.com/api/v4", secret="glpat-x"
    )
    ForgeRepository.objects.create(forge=forge, application=aws.environment.application, repository="shop/storefront")
    acme = ChatWorkspace.objects.create(name="Acme", place="T1", secret="x")
    ChatAccount.objects.create(workspace=acme, account="U1", person=aws.approver, bound_at=now)
    webhook = WebhookSubscription.objects.create(
        name="chat", url="https://hooks.example.com/in", secret="whsec_eA==", made_at=now, on_since=now
    )
    WebhookDelivery.objects.create(
        subscription=webhook, event=Event.objects.first(), chain="environment:1", number=1, message_id="evt_1",
        kind="gate.opened", body="{}", status="FAILED", made_at=now, due_at=now,
    )  # fmt: skip
    Notice.objects.create(person=User.objects.get(username="root"), kind="live", key="x", subject="Live", at=now)
    channel = NotificationChannel.objects.create(name="deploys", made_at=now)
    told = NotificationAddress.objects.create(
        channel=channel, service="slack", url="slack://T1/B2/c3/", shown="Slack webhook of T1", made_at=now
    )
    Message.objects.create(address=told, key="event:1", kind="live", thread="deployment:1", made_at=now, due_at=now)
    aws.aws.images[ECR, "1.1.0"] = Image(
        repository=ECR, tag="1.1.0", digest="sha256:" + "2" * 64, platforms=("linux/amd64",)
    )
    ReleaseImage.objects.update(reference=f"{ECR}:1.1.0", repository=ECR)
    pinned = f"{ECR}@{aws.release.images.get().digest}"
    aws.aws.task_definitions[SHOP.task_definition()].document["containerDefinitions"][0]["image"] = pinned
    aws.aws.images[ECR, aws.release.images.get().digest] = aws.aws.images[ECR, "1.1.0"]
    for module in (adoption, bundles, discovery, looking, releases):
        monkeypatch.setattr(module, "connect", lambda binding: aws.aws)
    return aws


@pytest.fixture
def idle(site: World) -> Environment:
    """A second environment, where nothing is under way, with an older version to restore.

    It has the first one's services, which is in another region then.
    """
    idle = Environment.objects.get(pk=site.environment.pk)
    idle.pk, idle.name, idle._state.adding = None, "staging", True
    idle.save()
    Environment.objects.filter(pk=site.environment.pk).update(region="us-east-1")
    idle.bake_seconds += 1
    idle.save()
    return idle


@pytest.fixture
def everywhere(site: World, idle: Environment) -> list[Address]:
    models: tuple[Any, ...] = (
        Application, Deployment, Event, Gate, Approval, Release, Group, OrmQ, Failure, AccessAttempt, Token, Trust,
        WebhookSubscription, WebhookDelivery, Forge, ChatWorkspace, Notice,
        NotificationChannel, NotificationAddress, Message,
    )  # fmt: skip
    rows: dict[str, Any] = {
        f"{model._meta.app_label}/{model._meta.model_name}": getattr(model.objects.order_by("pk").last(), "pk", 0)
        for model in models
    }
    rows |= {
        "auth/user": User.objects.get(username="outsider").pk,
        "deployments/environment": idle.pk,
        "version": idle.history.last().history_id,
        "content_type": ContentType.objects.get_for_model(Environment).pk,
        "verbs": list(VERBS),
    }
    asked = f"?release={site.release.pk}&environment={idle.pk}&strategy=CANARY"
    told = f"/deployments/notificationaddress/{rows['deployments/notificationaddress']}"
    return [
        *addresses(rows),
        Address("deployments_deployment_preview", f"/deployments/deployment/preview/{asked}"),
        Address("deployments_environment_add", "/deployments/environment/add/?by_hand=1"),
        Address("deployments_notificationaddress_add", "/deployments/notificationaddress/add/?service=email"),
        Address("deployments_notificationaddress_replace", f"{told}/replace/?service=email"),
    ]


@pytest.fixture
def typed(site: World, idle: Environment) -> dict[str, dict[str, str]]:
    """By address, what takes more to fill in than any text."""
    columns = {name: str(getattr(idle, name)) for name in ("cluster", "production_rule", "container_name",
               "blue_service", "green_service", "blue_target_group", "green_target_group")}  # fmt: skip
    columns["region"] = "eu-west-1"
    site.aws.ecs[idle.cluster, "third"] = replace(
        site.aws.ecs[idle.cluster, idle.blue_service], name="third", target_group=""
    )
    found = {"region": idle.region, "chosen": f"service:{idle.cluster}/third", "keep": "1"}
    named = {"application": str(idle.application_id), "name": "third"}
    blank = dict.fromkeys(("test_rule", "role_arn", "account_id", "ladder", "external_id"), "")
    return {
        "/deployments/webhooksubscription/add/": {"url": "https://hooks.example.com/in"},
        "/deployments/notificationaddress/add/": {"to": "maya@example.com"},
        f"/deployments/notificationaddress/{NotificationAddress.objects.get().pk}/replace/": {"to": "maya@example.com"},
        "/deployments/forge/add/": {
            "kind": "GITLAB",
            "api_url": "https://gitlab.com/api/v4",
            "installation_id": "",
            "webhook_secret": "",
        },
        "/deployments/chatworkspace/add/": {
            "kind": "SLACK",
            "place": "T2",
            "app_id": "",
            "api_url": "https://slack.com/api",
        },
        "/deployments/environment/add/": blank | columns | named,
        "/deployments/release/add/": {"images-0-reference": f"{ECR}:1.1.0", "task_definition": ""},
        "/deployments/environment/discover/": {"role_arn": "", "account": "another", **found, **named},
    }
