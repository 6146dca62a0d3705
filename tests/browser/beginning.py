"""How the shop is when a file of stories begins, whatever the one before left. It runs in the stack's shell."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from deployments.catalog.models import Application, Environment, GatePolicy, SmokeCheck, Trust
from deployments.delivery.models import Deployment
from deployments.delivery.requests import request_deployment
from deployments.delivery.turning_back import stop
from deployments.delivery.warm_time import finish_now
from deployments.people import roles
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.telling.forge.models import Forge, ForgeKind, ForgeQuestion, ForgeRepository
from deployments.telling.notifications.content import Content
from deployments.telling.notifications.models import Message, Notice, NotificationAddress, NotificationChannel
from deployments.telling.webhooks.models import WebhookDelivery, WebhookSubscription
from deployments.vocabulary import Stage, Status

FIRST = "1.0.0"
#: A warm time that ends by itself would change what is live between two stories.
POLICY = {
    "canary_bake_seconds": 2,
    "bake_seconds": 1,
    "termination_wait_seconds": 3600,
    "scale_up_timeout_seconds": 40,
    "min_requests": 5,
}
SECONDS = 120


def begin(*, gates: Mapping[str, int], checks: Sequence[str], **policy: int) -> None:
    """1.0.0 on blue everywhere, nothing under way, and for each named environment a gate for so many approvers."""
    end_everything()
    GatePolicy.objects.all().delete()
    SmokeCheck.objects.all().delete()
    for environment in Environment.objects.filter(application__slug="storefront"):
        go_back(environment)
        for path in checks:
            SmokeCheck.objects.create(environment=environment, path=path, expected_status=200)
        if environment.name in gates:
            gate = GatePolicy.objects.create(
                environment=environment, stage=Stage.POST_TEST_TRAFFIC_SHIFT, approvals=gates[environment.name]
            )
            gate.groups.add(Group.objects.get(name=roles.APPROVERS))
    Environment.objects.update(**POLICY | policy)


def tell(name: str, subject: str) -> None:
    """As a row of the inbox alone."""
    content = Content(subject=subject, sentences=("Seen on staging.",), path="/").as_json()
    now = timezone.now()
    Notice.objects.create(
        person=person(name), kind="live", key=f"test:{subject}", subject=subject, content=content, at=now
    )


def trust_a_ci() -> None:
    """The row alone: there is no such issuer to be asked here."""
    claims = {"repository": "shop/storefront", "repository_id": "4711", "ref": "refs/heads/main"}
    trust = Trust.objects.create(
        name="storefront-ci", owner=person("admin"), issuer="https://token.actions.githubusercontent.com",
        audience="https://tealgate.example.com", claims=claims, made_at=timezone.now(),
        scopes=["deployments:write", "read", "releases:write"],
    )  # fmt: skip
    trust.applications.set(Application.objects.filter(slug="storefront"))
    trust.environments.set(Environment.objects.filter(application__slug="storefront", name="staging"))


#: As docs/webhooks.md has it.
_OPENED = {
    "specversion": "1.0", "id": f"evt_1_{'0' * 12}", "source": "https://tealgate.example.com",
    "type": "tealgate.gate.opened", "subject": "storefront/production/42", "time": "2026-11-29T09:30:00.120000Z",
    "datacontenttype": "application/json", "partitionkey": "environment:1", "sequence": "0000000118",
    "data": {
        "id": 1, "at": "2026-11-29T09:30:00.120000Z", "chain": "environment:1", "number": 118, "deployment": 42,
        "kind": "gate.opened", "stage": "POST_TEST_TRAFFIC_SHIFT", "actor_kind": "SYSTEM", "actor": "tealgate",
        "message": "Waiting for 1 approval by Approvers, not by the requester",
    },
}  # fmt: skip


def tell_a_chat() -> None:
    """The rows alone: nobody listens there."""
    now = timezone.now()
    webhook = WebhookSubscription.objects.create(
        name="chat", url="https://hooks.example.com/services/T0", secret="whsec_eA==", made_at=now, on_since=now,
        is_on=False, off_reason="Nothing was delivered for 3 days. hooks.example.com answered HTTP 503.",
    )  # fmt: skip
    WebhookDelivery.objects.create(
        subscription=webhook, chain="environment:1", number=1, message_id=f"evt_1_{'0' * 12}", kind="gate.opened",
        body=json.dumps(_OPENED),
        status="FAILED", attempts=76, made_at=now,
        due_at=now, sent_at=now, place=webhook.place, response_status=503, answer="<html>Service unavailable</html>",
        headers={"webhook-id": f"evt_1_{'0' * 12}", "webhook-signature": f"v1,{'x' * 43}="},
        said="hooks.example.com answered HTTP 503. Given up after 76 attempts in 3 days; later events go on.",
    )  # fmt: skip


def tell_a_channel() -> dict[str, int]:
    """The rows alone, of a channel to which nothing comes through; their keys."""
    now = timezone.now()
    channel = NotificationChannel.objects.create(name="shop-deploys", made_at=now)
    host = "default0a1b2c3d4e5f60718293a4b5c6d7e8.f9.environment.api.powerplatform.com"
    address = NotificationAddress.objects.create(
        channel=channel, service="workflows", url=f"workflows://{host}/a/?sig=b", shown=f"Teams workflow at {host}",
        made_at=now, failing_since=now,
    )  # fmt: skip
    message = Message.objects.create(
        address=address, key="event:1", kind="live", thread="deployment:1", attempts=4, made_at=now,
        due_at=now + timedelta(days=1), content={"subject": "Live: storefront 1.0.0 on production"},
        said=f"{host} answered HTTP 404: The workflow was not found.",
    )  # fmt: skip
    return {"channel": channel.pk, "address": address.pk, "message": message.pk}


def tell_a_forge() -> None:
    """Of a name that leads nowhere; one job asked."""
    now, application = timezone.now(), Application.objects.get(slug="storefront")
    forge = Forge.objects.create(
        name="GitHub", kind=ForgeKind.GITHUB_APP, api_url="https://github.invalid/api/v3", app_id="1",
        installation_id="2", secret="none", webhook_secret="none", rests_until=now + timedelta(days=1),
        trouble="GitHub cannot be reached: The name github.invalid could not be resolved.",
    )  # fmt: skip
    repository = ForgeRepository.objects.create(
        forge=forge, application=application, repository="shop/storefront", moved=True
    )
    ForgeQuestion.objects.create(
        forge=forge, repository=repository, delivery="1", number="1", named="shop/storefront", environment="production",
        sha="c0ffee" + "0" * 34, callback_url=f"{forge.api_url}/", asked_at=now, due_at=now + timedelta(days=1),
        reported="No release of commit c0ffee0000000000000000000000000000000000 is registered in Tealgate yet.",
    )  # fmt: skip


def end_everything() -> None:
    """What brings 1.0.0 back is finished, everything else is stopped."""
    for deployment in Deployment.objects.unfinished().select_related("release"):
        end = finish_now if deployment.is_warm and deployment.release.version == FIRST else stop
        try:
            end(deployment=deployment, principal=Principal.person(person("admin")), now=timezone.now())
        except Refused:  # it ends already
            continue
    wait(lambda: not Deployment.objects.unfinished().exists())


def go_back(environment: Environment) -> None:
    if environment.live_release is None or environment.live_release.version == FIRST:
        return
    Environment.objects.filter(pk=environment.pk).update(**POLICY)
    deployment = ask(environment.name, FIRST, strategy="BLUE_GREEN")
    wait(lambda: Deployment.objects.get(pk=deployment.pk).is_warm)
    end_everything()
    deployment.refresh_from_db()
    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason


def ask(environment: str, version: str, strategy: str = "CANARY", reason: str = "Try it") -> Deployment:
    """The manager asks for a deployment of the storefront."""
    chosen = Environment.objects.get(application__slug="storefront", name=environment)
    return request_deployment(
        environment=Environment.objects.get(pk=chosen.pk),
        release=chosen.application.releases.get(version=version),
        strategy=strategy,
        principal=Principal.person(person("manager")),
        reason=reason,
        now=timezone.now(),
    )


def another_approver(name: str) -> None:
    if not User.objects.filter(username=name).exists():
        made = User.objects.create_user(name, password="demo", is_staff=True)
        made.groups.add(Group.objects.get(name=roles.APPROVERS))


def nobody(name: str) -> None:
    """Who may sign in, and nothing more."""
    if not User.objects.filter(username=name).exists():
        User.objects.create_user(name, password="demo", is_staff=True)


def person(name: str) -> User:
    return User.objects.get(username=name)


def wait(ended: Any) -> None:
    deadline = time.monotonic() + SECONDS
    while not ended():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{[f'{each}: {each.status}' for each in Deployment.objects.unfinished()]}")
        time.sleep(0.1)
