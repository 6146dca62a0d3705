"""The way forward: ECS is told once, and followed by its own stages. It waits for nobody.

ECS reports one stage at a time and may pass several between two looks, so a step is over as soon as ECS is beyond it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from deployments.swaps.decisions import Decision
from deployments.swaps.express.facts import Snapshot
from deployments.swaps.express.observe import Observed
from deployments.swaps.express.production import bake, clean_up, production_shift
from deployments.swaps.express.starting import pre_scale_up, reconcile, scale_up
from deployments.vocabulary import Stage

_STEPS: Mapping[str, Callable[[Snapshot, Observed, datetime], Decision]] = {
    Stage.RECONCILE_SERVICE: reconcile,
    Stage.PRE_SCALE_UP: pre_scale_up,
    Stage.SCALE_UP: scale_up,
    Stage.PRODUCTION_TRAFFIC_SHIFT: production_shift,
    Stage.BAKE_TIME: bake,
    Stage.CLEAN_UP: clean_up,
}


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    return _STEPS[snapshot.step.stage](snapshot, observed, now)
