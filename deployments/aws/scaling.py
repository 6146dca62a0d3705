"""Application Auto Scaling of services' desired counts."""

from collections.abc import Collection, Mapping

from deployments.aws import actions, values
from deployments.aws.calling import Caller, chunks

_DESIRED_COUNT = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
_SUSPENSIONS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


class Scaling(Caller):
    def scalable_targets(self, resource_ids: Collection[str]) -> Mapping[str, values.ScalableTarget]:
        """`suspended` only when all three kinds of scaling are."""
        found: dict[str, values.ScalableTarget] = {}
        for some in chunks(resource_ids, 50):
            pages = self.pages("application-autoscaling", "DescribeScalableTargets", ResourceIds=some, **_DESIRED_COUNT)
            for raw in (raw for page in pages for raw in page["ScalableTargets"]):
                state = raw.get("SuspendedState", {})
                found[raw["ResourceId"]] = values.ScalableTarget(
                    resource_id=raw["ResourceId"],
                    minimum=raw["MinCapacity"],
                    maximum=raw["MaxCapacity"],
                    suspended=all(state.get(kind, False) for kind in _SUSPENSIONS),
                    suspensions=tuple(kind for kind in _SUSPENSIONS if state.get(kind)),
                )
        return found

    def _suspend_scaling(self, action: actions.SuspendScaling) -> actions.Made:
        self.call(
            "application-autoscaling",
            "RegisterScalableTarget",
            ResourceId=action.resource_id,
            SuspendedState={kind: action.suspended or kind in action.kept for kind in _SUSPENSIONS},
            **_DESIRED_COUNT,
        )
        return actions.Made()
