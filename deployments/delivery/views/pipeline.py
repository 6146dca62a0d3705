"""What CodePipeline, which waits for a deployment, was told of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from deployments.catalog.models.answering import AnsweredWhen
from deployments.delivery.models import Deployment, PipelineAnswer

_AFTER = {
    AnsweredWhen.END: "once this has ended",
    AnsweredWhen.GATES: "once people have approved at all gates, or this has ended",
}
#: A pipeline that waits is told within seconds; one that is yet to come may take days.
FOLLOWED_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class PipelineView:
    pipeline: str
    stage: str
    action: str
    #: Approved or Rejected; "" = not told
    told: str
    told_at: datetime | None
    #: why not yet or not at all, or when it will be, in a sentence; "" when it was told
    said: str


def pipeline_view(deployment: Deployment) -> PipelineView | None:
    """None where no pipeline waits."""
    row = PipelineAnswer.objects.filter(deployment=deployment).first()
    if row is None:
        return None
    pipeline, stage, action = row.action.rpartition(":")[2].split("/")
    return PipelineView(
        pipeline=pipeline,
        stage=stage,
        action=action,
        told=row.told,
        told_at=row.closed_at if row.told else None,
        said=_said(deployment, row),
    )


def is_followed(deployment: Deployment, now: datetime) -> bool:
    """Whether its page has to look again by itself: until its end, and until the pipeline was told of that."""
    if not deployment.is_terminal:
        return True
    if deployment.finished_at is None or now - deployment.finished_at > FOLLOWED_AFTER:
        return False
    return PipelineAnswer.objects.waiting().filter(deployment=deployment).exists()


def _said(deployment: Deployment, row: PipelineAnswer) -> str:
    if row.told:
        return ""
    if row.closed_at:
        return f"Not told. {row.said}"
    if not deployment.is_terminal and not row.said:
        return f"Will be told {_AFTER[AnsweredWhen(row.when)]}."
    return f"Not told yet. {row.said}".rstrip()
