"""The way forward while CodeDeploy moves the traffic of an ECS service."""

from collections.abc import Callable, Mapping
from datetime import datetime

from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.code_deploy.production import bake, clean_up, production_shift
from deployments.swaps.code_deploy.ready import ready
from deployments.swaps.code_deploy.starting import pre_scale_up, reconcile, scale_up, test_traffic_shift
from deployments.swaps.decisions import Decision
from deployments.vocabulary import Stage

_STEPS: Mapping[str, Callable[[Snapshot, Observed, datetime], Decision]] = {
    Stage.RECONCILE_SERVICE: reconcile,
    Stage.PRE_SCALE_UP: pre_scale_up,
    Stage.SCALE_UP: scale_up,
    Stage.TEST_TRAFFIC_SHIFT: test_traffic_shift,
    Stage.PRE_PRODUCTION_TRAFFIC_SHIFT: ready,
    Stage.PRODUCTION_TRAFFIC_SHIFT: production_shift,
    Stage.BAKE_TIME: bake,
    Stage.CLEAN_UP: clean_up,
}


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    return _STEPS[snapshot.step.stage](snapshot, observed, now)
