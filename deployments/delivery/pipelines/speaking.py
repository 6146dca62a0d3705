"""What a deployment has to say to the pipeline that waits for it."""

from deployments.catalog.models.answering import AnsweredWhen
from deployments.delivery.models import Deployment, PipelineAnswer
from deployments.delivery.pipelines.deciding import APPROVED, REJECTED, Answer
from deployments.frozen import Plan
from deployments.vocabulary import GateStatus, Status

#: PutApprovalResult's.
LONGEST_SUMMARY = 512


def answer_of(row: PipelineAnswer) -> Answer | None:
    """None: nothing yet."""
    deployment = row.deployment
    verdict = _verdict(row)
    if not verdict:
        return None
    mark = f"Tealgate {deployment.pk}-{deployment.key}"
    return Answer(
        application=deployment.environment.application.slug,
        version=deployment.release.version,
        requested_at=deployment.created_at,
        verdict=verdict,
        summary=f"{mark}: {_sentence(row, verdict)}"[:LONGEST_SUMMARY],
        mark=mark,
        begun_for=row.begun_for,
    )


def _verdict(row: PipelineAnswer) -> str:
    if row.deployment.is_terminal:
        return APPROVED if row.deployment.status == Status.SUCCESSFUL else REJECTED
    return APPROVED if row.when == AnsweredWhen.GATES and all_approved(row.deployment) else ""


def all_approved(deployment: Deployment) -> bool:
    """By people: a gate that went on by itself when its time was over was approved by nobody."""
    if deployment.is_rolling_back or deployment.status == Status.STOP_REQUESTED:
        return False
    plan = Plan.from_json(deployment.plan)
    planned = {position for position, step in enumerate(plan.steps) if step.gate}
    approved = deployment.gates.filter(status=GateStatus.SUCCEEDED).values_list("position", flat=True)
    return bool(planned) and planned <= set(approved)


def _sentence(row: PipelineAnswer, verdict: str) -> str:
    deployment = row.deployment
    if verdict == APPROVED and not deployment.is_terminal:
        return f"{deployment} was approved."
    if verdict == APPROVED:
        return f"{deployment} is live."
    return f"{deployment} is {Status(deployment.status).label.lower()}: {deployment.status_reason}"
