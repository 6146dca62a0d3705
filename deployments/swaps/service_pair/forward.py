"""SERVICE_PAIR's way forward: which function decides at which stage. All are pure: values in, one decision out.

Every write is marked in `facts.done` once it is known to have happened. Until then it is decided again,
which is harmless: each action sets a state or finds what an earlier try made.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from deployments.swaps.decisions import Decision
from deployments.swaps.service_pair import neighbours
from deployments.swaps.service_pair.facts import Snapshot
from deployments.swaps.service_pair.observe import Observed
from deployments.swaps.service_pair.prepare import pre_scale_up, reconcile
from deployments.swaps.service_pair.production import clean_up, production_shift, watch_step
from deployments.swaps.service_pair.scale_up import scale_up
from deployments.swaps.service_pair.testing import post_test, test_shift
from deployments.swaps.steps import event_watch
from deployments.vocabulary import Stage

_STAGES: Mapping[str, Callable[[Snapshot, Observed, datetime], Decision]] = {
    Stage.RECONCILE_SERVICE: reconcile,
    Stage.PRE_SCALE_UP: pre_scale_up,
    Stage.SCALE_UP: scale_up,
    Stage.TEST_TRAFFIC_SHIFT: test_shift,
    Stage.POST_TEST_TRAFFIC_SHIFT: post_test,
    Stage.PRODUCTION_TRAFFIC_SHIFT: production_shift,
    Stage.BAKE_TIME: watch_step,
    Stage.CLEAN_UP: clean_up,
}


def decide(snapshot: Snapshot, observed: Observed, now: datetime) -> Decision:
    waiting = event_watch.wait_for_events(snapshot, now)
    return waiting or neighbours.after_comparing(snapshot, observed, now, _STAGES[snapshot.step.stage])
