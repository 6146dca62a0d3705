"""One pipeline of the in-memory account, whose action waits for approval.

gateway.pipeline.come("e-1", NOON, "tealgate: shop 1.1.0")     # an execution comes to the action and waits
gateway.pipeline.answer("Rejected", "no")                       # somebody clicks in CodePipeline
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from deployments.aws import actions, errors, values
from tests.fakes.names import arn
from tests.fakes.world import World

ACTION = arn("codepipeline", "shop/Production/Wait-for-Tealgate")
_STATUS = {"Approved": "Succeeded", "Rejected": "Failed"}


@dataclass
class FakePipeline:
    shown: values.Approval = field(default_factory=values.Approval)
    runs: dict[str, values.ApprovalRun] = field(default_factory=dict)
    #: (status, summary) of each answer that came through, in order
    answers: list[tuple[str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    def come(self, execution: str, began_at: datetime, custom_data: str = "", *, parallel: bool = False) -> None:
        """It waits; a stage that is run again has another token."""
        self.tokens.append(f"{len(self.tokens):08}-0000-4000-8000-000000000000")
        token = "" if parallel else self.tokens[-1]
        self.shown = values.Approval(execution=execution, status="InProgress", token=token)
        self.runs[execution] = values.ApprovalRun(began_at=began_at, status="InProgress", custom_data=custom_data)

    def answer(self, verdict: str, summary: str, *, tells_summary: bool = True) -> None:
        status, execution = _STATUS[verdict], self.shown.execution
        self.answers.append((verdict, summary))
        self.shown = values.Approval(execution=execution, status=status, summary=summary if tells_summary else "")
        self.runs[execution] = replace(self.runs[execution], status=status)

    def expire(self, status: str = "Failed") -> None:
        """Nobody answered in time, or somebody stopped it."""
        self.shown = replace(self.shown, status=status, token="")
        self.runs[self.shown.execution] = replace(self.runs[self.shown.execution], status=status)


class Pipelined(World):
    def __init__(self) -> None:
        super().__init__()
        self.pipeline = FakePipeline()

    def declared_action(self, where: values.ApprovalAction) -> values.DeclaredAction:
        self._called("declared_action")
        return values.DeclaredAction(category="Approval", provider="Manual", mode="SUPERSEDED")

    def approval(self, where: values.ApprovalAction) -> values.Approval:
        self._called("approval")
        if where.pipeline != "shop":  # AWS looks in the caller's account, whatever the ARN says
            said = f"Account does not have a pipeline with name '{where.pipeline}'"
            raise errors.NotFound("GetPipelineState", "PipelineNotFoundException", said)
        return self.pipeline.shown

    def approval_run(self, where: values.ApprovalAction, execution: str) -> values.ApprovalRun:
        self._called("approval_run")
        return self._get(self.pipeline.runs, execution, "ListActionExecutions")

    def _answer_approval(self, action: actions.PutApprovalResult) -> actions.Made:
        shown = self.pipeline.shown
        if not shown.waits:
            said = "The approval action has already been approved or rejected."
            raise errors.Invalid("PutApprovalResult", "ApprovalAlreadyCompletedException", said)
        if action.token != shown.token:
            said = "The approval token is invalid."
            raise errors.Invalid("PutApprovalResult", "InvalidApprovalTokenException", said)
        self.pipeline.answer(action.status, action.summary)
        return actions.Made()
