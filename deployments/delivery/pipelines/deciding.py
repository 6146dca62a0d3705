"""What to tell an approval action, if anything: values in, a decision out. What is not clear is not answered."""

from dataclasses import dataclass
from datetime import datetime

from deployments.aws.values import Approval, ApprovalRun, release_in

APPROVED, REJECTED = "Approved", "Rejected"
#: What the action's status is once it was answered so.
_STATUS = {APPROVED: "Succeeded", REJECTED: "Failed"}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a deployment has to say."""

    application: str
    version: str
    requested_at: datetime
    #: APPROVED or REJECTED
    verdict: str
    #: contains `mark`
    summary: str
    #: is in no other deployment's summary
    mark: str
    #: the execution that it was about to be given to; "" = none yet
    begun_for: str = ""


@dataclass(frozen=True)
class Tell:
    execution: str
    token: str


@dataclass(frozen=True)
class Later:
    why: str


@dataclass(frozen=True)
class Over:
    told: bool
    how: str


def execution_asked_about(answer: Answer, seen: Approval) -> str:
    """Whose run has to be read to decide; "" = none."""
    return answer.begun_for or (seen.execution if seen.waits else "")


def decide(answer: Answer, seen: Approval, run: ApprovalRun | None) -> Tell | Later | Over:
    """`run` is of `execution_asked_about`."""
    if run is None:
        if seen.status:
            return Later(f"It does not wait for an answer just now; its last run is {seen.status}.")
        return Later("It does not wait for an answer just now.")
    still_waits = seen.waits and seen.execution == (answer.begun_for or seen.execution)
    if answer.begun_for and not still_waits:
        return _after(answer, seen, run)
    if not seen.token:
        return Later(
            "It waits, but AWS tells no token of a pipeline in the mode PARALLEL. Answer it there, and choose "
            "SUPERSEDED or QUEUED."
        )
    doubt = _doubt(answer, run)
    return Later(doubt) if doubt else Tell(seen.execution, seen.token)


def _after(answer: Answer, seen: Approval, run: ApprovalRun) -> Over | Later:
    """It was about to be answered, and waits no more: by us, or by somebody else."""
    if run.status == "InProgress":
        return Later("Its stage goes on in this moment.")
    said = run.summary or (seen.summary if seen.execution == answer.begun_for else "")
    if answer.mark in said:
        return Over(True, "")
    if run.status == _STATUS[answer.verdict]:
        return Over(False, f"It is {run.status} already, which is what {answer.verdict} makes of it.")
    return Over(False, f"It is {run.status} already: somebody else answered, or its time was over.")


def _doubt(answer: Answer, run: ApprovalRun) -> str:
    """Why what waits may not be this deployment's; "" = it is."""
    named = release_in(run.custom_data)
    if named is None:
        return (
            "It waits, but does not say for which one release: its CustomData has no “tealgate: "
            f"{answer.application} VERSION”, or several. Answer it in CodePipeline, and correct that."
        )
    application, version = named
    if named != (answer.application, answer.version):
        return f"It waits for {application} {version}, and this is {answer.application} {answer.version}."
    if run.began_at > answer.requested_at:
        return (
            f"It waits for {version} in an execution that began at {run.began_at:%Y-%m-%d %H:%M:%S} UTC, after this "
            "deployment was requested. Deploy it again, or answer in CodePipeline."
        )
    return ""
