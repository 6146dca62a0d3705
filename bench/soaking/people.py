"""The two people of the soak: one asks for deployments and turns them back, the other decides at gates."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bench.shop import Shop
from deployments.catalog.models import Environment, Release
from deployments.delivery import approvals, requests, turning_back, warm_time
from deployments.delivery.models import Deployment, Gate
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import DeploymentKind


@dataclass(frozen=True)
class People:
    """Each click raises Refused where there is nothing to click any more."""

    manager: Principal
    approver: Principal
    now: Callable[[], datetime]

    @classmethod
    def of(cls, shop: Shop, now: Callable[[], datetime]) -> "People":
        return cls(Principal.person(shop.manager), Principal.person(shop.approver), now)

    def ask(
        self,
        environment: Environment,
        release: Release,
        kind: DeploymentKind = DeploymentKind.NORMAL,
        strategy: str = "",
    ) -> Deployment:
        return requests.request_deployment(
            environment=environment,
            release=release,
            strategy=strategy or environment.strategy,
            principal=self.manager,
            reason="bad luck",
            now=self.now(),
            kind=kind,
        )

    def ask_what_fits(self, environment: Environment, release: Release) -> Deployment:
        """The kind that the page offers where production is sick or empty. Raises AwsError, too."""
        seen = requests.preview(
            environment=environment,
            release=release,
            strategy=environment.strategy,
            principal=self.manager,
            now=self.now(),
        )
        return self.ask(environment, release, seen.needed, seen.fitting)

    def approve(self, deployment: Deployment) -> None:
        approvals.approve(gate=self._gate(deployment), principal=self.approver, comment="", now=self.now())

    def reject(self, deployment: Deployment) -> None:
        approvals.reject(gate=self._gate(deployment), principal=self.approver, comment="no luck", now=self.now())

    def stop(self, deployment: Deployment) -> None:
        turning_back.stop(deployment=deployment, principal=self.manager, now=self.now(), reason="bad luck")

    def roll_back(self, deployment: Deployment) -> None:
        turning_back.roll_back(deployment=deployment, principal=self.manager, now=self.now(), reason="bad luck")

    def finish_now(self, deployment: Deployment) -> None:
        warm_time.finish_now(deployment=deployment, principal=self.manager, now=self.now())

    def _gate(self, deployment: Deployment) -> Gate:
        gate = Gate.objects.open().filter(deployment=deployment).first()
        if gate is None:
            raise Refused("No gate is open.")
        return gate
