"""The way forward while ECS moves the traffic: told once, followed by its own stages, held by our gates.

ECS reports one stage at a time and may pass several between two looks, so a step is over as soon as ECS is
beyond it. Its hooks wait for our answer: a fresh one at every canary or linear step.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from deployments.swaps.decisions import Decision
from deployments.swaps.ecs import ending
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.holding import held
from deployments.swaps.ecs.observe import Observed
from deployments.swaps.ecs.production import bake, clean_up, production_shift
from deployments.swaps.ecs.starting import pre_scale_up, reconcile, scale_up
from deployments.vocabulary import Stage

_STEPS: Mapping[str, Callable[[Snapshot, Observed, datetime], Decision]] = {
    Stage.RECONCILE_SERVICE: reconcile,
    Stage.PRE_SCALE_UP: pre_scale_up,
    Stage.SCALE_UP: scale_up,
    Stage.POST_SCALE_UP: held,
    Stage.POST_TEST_TRAFFIC_SHIFT: held,
    Stage.PRE_PRODUCTION_TRAFFIC_SHIFT: held,
    Stage.PRODUCTION_TRAFFIC_SHIFT: production_shift,
    Stage.POST_PRODUCTION_TRAFFIC_SHIFT: held,
    Stage.BAKE_TIME: bake,
    Stage.CLEAN_UP: clean_up,
}


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    return ending.before_the_end(snapshot, observed, _STEPS[snapshot.step.stage](snapshot, observed, now))
