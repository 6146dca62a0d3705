"""What CodePipeline, which waits for a deployment, was told of it."""

from dataclasses import dataclass
from datetime import datetime

from deployments.catalog.models.answering import AnsweredWhen
from deployments.delivery.models import Deployment, PipelineAnswer

_AFTER = {
    AnsweredWhen.END: "once this has ended",
    AnsweredWhen.GATES: "once people have approved at all gates, or this has ended",
}


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


def _said(deployment: Deployment, row: PipelineAnswer) -> str:
    if row.told:
        return ""
    if row.closed_at:
        return f"Not told. {row.said}"
    if not deployment.is_terminal and not row.said:
        return f"Will be told {_AFTER[AnsweredWhen(row.when)]}."
    return f"Not told yet. {row.said}".rstrip()
