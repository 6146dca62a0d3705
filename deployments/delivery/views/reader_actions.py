"""What can be done with a deployment now, and whether its reader may."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deployments import swaps
from deployments.delivery.going_on import watch
from deployments.delivery.models import Deployment
from deployments.delivery.turning_back import overtaken_by
from deployments.delivery.views.named import ReleaseName, release_name
from deployments.delivery.views.open_gate import GateView
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.vocabulary import Status


class Act(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    LOOK = "look"
    ROLL_BACK = "roll-back"
    EXTEND = "extend"
    FINISH = "finish"
    #: from a share of production, before its time
    GO_ON = "go-on"
    STOP = "stop"
    RETRY = "retry"
    #: a new deployment of the release that was live before
    GO_BACK = "go-back"
    #: a new deployment of the same release
    DEPLOY_AGAIN = "deploy-again"


@dataclass(frozen=True, kw_only=True)
class ActionView:
    act: Act
    #: by this reader
    allowed: bool
    #: why not, in a sentence; "" when it is
    refusal: str
    #: what would be deployed; None where nothing would
    release: ReleaseName | None = None


def reader_actions(
    deployment: Deployment, gate: GateView | None, principal: Principal, now: datetime, *, turn_back_refusal: str
) -> tuple[ActionView, ...]:
    """What the deployment's state allows; whatever is left out makes no sense now, for nobody.

    `gate`: the open one. `turn_back_refusal`: the reader's, of `rights.turn_back_refusal`.
    """
    turned_back = deployment.environment.retired_refusal or turn_back_refusal
    further = turned_back or rights.go_on_refusal(principal, deployment.environment)
    return (
        *_at(gate, principal),
        *(_action(act, further if act is Act.GO_ON else turned_back) for act in _of_its_way(deployment, gate, now)),
        *_further(deployment, principal),
    )


def _action(act: Act, refusal: str, release: ReleaseName | None = None) -> ActionView:
    return ActionView(act=act, allowed=not refusal, refusal=refusal, release=release)


def _at(gate: GateView | None, principal: Principal) -> Iterator[ActionView]:
    if gate:
        yield _action(Act.APPROVE, gate.refusal)
        yield _action(Act.REJECT, gate.refusal)
    if gate and gate.watch:
        yield _action(Act.LOOK, rights.look_again_refusal(principal))


def _of_its_way(deployment: Deployment, gate: GateView | None, now: datetime) -> Iterator[Act]:
    """What needs the right to stop and roll back."""
    controller = swaps.get(deployment.settings["controller"])
    kept, back = is_kept(deployment, now), way_back(deployment)
    if back is Act.ROLL_BACK:
        yield back
    if kept and controller.warm_time_can_be_extended:
        yield Act.EXTEND
    if kept and controller.warm_time_can_be_ended:
        yield Act.FINISH
    if not gate and (going := watch(deployment)) and now < going.until:
        yield Act.GO_ON
    if back is Act.STOP:
        yield back
    if deployment.status in (Status.ROLLBACK_FAILED, Status.FAILED) and not overtaken_by(deployment):
        yield Act.RETRY


def way_back(deployment: Deployment) -> Act | None:
    """Of what is under way; with traffic on the release *Stop* would end as *Roll back* does, by another name."""
    if not deployment.can_be_stopped:
        return None
    return Act.ROLL_BACK if deployment.percent or deployment.is_warm else Act.STOP


def _further(deployment: Deployment, principal: Principal) -> Iterator[ActionView]:
    """What is a deployment of its own."""
    refusal = deployment.environment.retired_refusal or rights.deploy_refusal(principal, deployment.environment)
    if deployment.status == Status.SUCCESSFUL and deployment.source_release:
        yield _action(Act.GO_BACK, refusal, release_name(deployment.source_release))
    if deployment.status in (Status.STOPPED, Status.ROLLBACK_SUCCESSFUL):
        yield _action(Act.DEPLOY_AGAIN, refusal, release_name(deployment.release))


def is_kept(deployment: Deployment, now: datetime) -> bool:
    """The source is warm and its time is not over."""
    until = deployment.source_kept_until
    return bool(deployment.is_warm and until and until > now)
