"""SERVICE_PAIR: two ECS services, one per slot, and Tealgate moves the weights of the production rule.

Stage by stage: `plan` says which, `observe` what is read, `forward` and `back` what is decided. Which slot is
live is read from the weights each time; `source` is the live one, `target` the one that gets the release.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from deployments.aws.protocol import Gateway
from deployments.controllers.base import Controller
from deployments.controllers.decisions import Decision, Reading, Snapshot
from deployments.controllers.service_pair import back, diagnose, forward, marks
from deployments.controllers.service_pair import observe as reading
from deployments.controllers.service_pair.observe import Observed
from deployments.controllers.service_pair.plan import plan
from deployments.controllers.service_pair.task_definition import MissingContainer, difference, with_release
from deployments.values import Artefact, EnvironmentSettings, Plan
from deployments.vocabulary import Slot, Strategy


class ServicePair:
    def plan(self, settings: EnvironmentSettings, strategy: Strategy) -> Plan:
        return plan(settings, strategy)

    def difference(
        self, settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway
    ) -> tuple[tuple[str, str], ...]:
        rule = gateway.rule(settings.production_rule)
        slot = settings.slot_of(rule.live[0]) if len(rule.live) == 1 else None
        if slot is None:
            return ()
        services = gateway.services(settings.cluster, (settings.service(slot),))
        if settings.service(slot) not in services:
            return ()
        live = gateway.task_definition(services[settings.service(slot)].task_definition)
        try:
            return difference(live.document, with_release(live, artefact))
        except MissingContainer:
            return ()

    def services(self, snapshot: Snapshot, now: datetime) -> Collection[str]:
        return reading.services_needed(snapshot, now)

    def observe(self, snapshot: Snapshot, gateway: Gateway, now: datetime) -> Observed:
        return reading.observe(snapshot, gateway, now)

    def decide(self, snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
        way = back.decide if snapshot.rolling_back else forward.decide
        return way(snapshot, observed, now)

    def readings(self, snapshot: Snapshot, observed: Observed) -> Mapping[Slot, Reading]:
        return diagnose.readings(snapshot, observed)

    def changed_anything(self, snapshot: Snapshot) -> bool:
        harmless = ("register", "task:", "stop_task:")
        return marks.may_have_happened(snapshot, "UpdateService", "SetWeights", "SuspendScaling") or any(
            not name.startswith(harmless) for name in snapshot.facts.get("done", ())
        )

    def diagnose(self, snapshot: Snapshot, gateway: Gateway) -> dict[str, Any]:
        return diagnose.capture(snapshot, gateway)


SERVICE_PAIR: Controller[Observed] = ServicePair()
