"""What happens to a stack after it was applied: Tealgate gets to know it, and puts a release on it."""

import shlex
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3
from django.contrib.auth.models import Group, User
from django.core.management import call_command

from deployments.aws.sessions import connect
from deployments.catalog import releases
from deployments.catalog.models import Application, Environment
from deployments.delivery import adoption, approvals
from deployments.delivery import requests as services
from deployments.delivery.engine import passes
from deployments.delivery.models import Deployment
from deployments.people import roles
from deployments.people.principal import Principal
from sandbox.account import REGION
from sandbox.images.registry import ECR_HOST
from sandbox.server import Sandbox
from tests.certificates import trusting
from tests.flows.storefront import now
from tests.flows.traffic import Traffic
from tests.infra.terraform import Stack

client = partial(boto3.client, region_name=REGION)
CI = Principal.token("ci")
REPOSITORY = f"{ECR_HOST}/shop"
FIRST, SECOND = "1.0.0", "1.1.0"
#: Seconds in which a story on loopback is over; nobody has to wait as long as for AWS.
QUICK: dict[str, Any] = {
    "bake_seconds": 1,
    "canary_bake_seconds": 1,
    "termination_wait_seconds": 2,
    "scale_up_timeout_seconds": 60,
    "min_requests": 5,
    "max_5xx_percent": 5,
}


def push_images(account: Sandbox) -> str:
    """The releases' images, in a repository that is there or is made; the address of the first one."""
    ecr = account.client("ecr")
    with suppress(ecr.exceptions.RepositoryAlreadyExistsException):
        ecr.create_repository(repositoryName="shop")
    for version in (FIRST, SECOND):
        account.push({"repository": "shop", "tag": version})
    return f"{REPOSITORY}:{FIRST}"


@dataclass
class Story:
    account: Sandbox
    environment: Environment
    requester: User
    approver: User
    repository: str = REPOSITORY

    @property
    def url(self) -> str:
        return self.environment.production_url

    def traffic(self) -> Traffic:
        """Of people who verify the certificate that the listener got from ACM."""
        if not self.url.startswith("https"):
            return Traffic(self.url)
        acm = self.account.client("acm", self.environment.region)
        (certificate,) = acm.list_certificates()["CertificateSummaryList"]
        shown = acm.get_certificate(CertificateArn=certificate["CertificateArn"])["Certificate"]
        return Traffic(self.url, tls=trusting(shown.encode()), name=certificate["DomainName"])

    def register(
        self, versions: Mapping[str, Mapping[str, str]] | None = None, containers: Sequence[str] = ("web",)
    ) -> None:
        """Releases with an image for each container, or with the bundles that are given by version."""
        application = self.environment.application
        for version in (FIRST, SECOND):
            images = dict.fromkeys(containers, f"{self.repository}:{version}")
            contents: dict[str, Any] = {"bundle": versions[version]} if versions else {"images": images}
            releases.register_release(application=application, version=version, principal=CI, now=now(), **contents)

    def adopt(self) -> None:
        adoption.adopt(environment=self.environment, now=now())

    def deploy(self, version: str, within: float = 180) -> Deployment:
        """From the request to its end; whoever is asked at a gate says yes."""
        self.environment.refresh_from_db()
        deployment = services.request_deployment(
            environment=self.environment,
            release=self.environment.application.releases.get(version=version),
            strategy=self.environment.strategy,
            principal=Principal.person(self.requester),
            reason=f"put {version} on what Terraform made",
            now=now(),
        )
        deadline = time.monotonic() + within
        while not deployment.is_terminal:
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"{deployment.status} at {deployment.stage}: {deployment.waiting_for or deployment.status_reason}"
                )
            for gate in deployment.gates.open():
                approvals.approve(gate=gate, principal=Principal.person(self.approver), comment="looks good", now=now())
            passes.advance([deployment.pk], now, connect)
            time.sleep(0.02)
            deployment.refresh_from_db()
        return deployment


def discovered(stack: Stack, account: Sandbox, output: str = "discover", balancer: str = "", **policy: Any) -> Story:
    """Read by the very command that the stack puts out, and reachable where the sandbox listens.

    Of a stack with several services the output has a command for each, by the name of its load balancer.
    """
    told = stack.outputs[output]
    command, name, *options = shlex.split(told[balancer] if balancer else told)[1:]
    application = Application.objects.create(name=(slug := name.partition("/")[0]).title(), slug=slug)
    call_command(command, name, *options)
    environment = application.environments.get()
    listeners = {
        entry["Port"]: entry["Url"]
        for entry in account.load_balancers.listeners()
        if balancer in ("", entry["LoadBalancerName"])
    }
    environment.production_url = listeners.get(443) or listeners[80]
    environment.test_url = listeners.get(8080, "")
    for column, value in (QUICK | policy).items():
        setattr(environment, column, value)
    environment.save()
    return Story(account, environment, _person("requester", roles.MANAGERS), _person("approver", roles.APPROVERS))


def _person(name: str, role: str) -> User:
    roles.ensure_roles()
    person, _ = User.objects.get_or_create(username=name, defaults={"email": f"{name}@example.com", "is_staff": True})
    person.groups.add(Group.objects.get(name=role))
    return person
