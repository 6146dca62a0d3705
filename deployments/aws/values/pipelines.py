"""CodePipeline: one action for manual approval, as it is declared and as it waits."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

_ARN = re.compile(r"arn:(aws[a-z-]*):codepipeline:([a-z0-9-]+):(\d{12}):" + "/".join([r"([A-Za-z0-9.@_-]{1,100})"] * 3))
_RELEASE = re.compile(r"\btealgate:[ \t]*(\S+)[ \t]+(\S+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ApprovalAction:
    """Where it is; as IAM names it: arn:aws:codepipeline:REGION:ACCOUNT:PIPELINE/STAGE/ACTION."""

    arn: str
    region: str
    account: str
    pipeline: str
    stage: str
    name: str

    @classmethod
    def parse(cls, arn: str) -> Self:
        """Raises ValueError."""
        found = _ARN.fullmatch(arn)
        if found is None:
            raise ValueError(f"{arn} is no ARN of an action of CodePipeline.")
        _, region, account, pipeline, stage, name = found.groups()
        return cls(arn=arn, region=region, account=account, pipeline=pipeline, stage=stage, name=name)

    @property
    def pipeline_arn(self) -> str:
        return self.arn.partition("/")[0]

    def __str__(self) -> str:
        return f"action {self.name} in stage {self.stage} of CodePipeline's {self.pipeline} ({self.region})"


def release_in(custom_data: str) -> tuple[str, str] | None:
    """Application and version that CustomData says it waits for, "tealgate: shop 1.4.2"; None where it does not.

    Nor where it says two: what stands beside it may be a commit's message, which anybody can have written.
    """
    found = set(_RELEASE.findall(custom_data))
    return found.pop() if len(found) == 1 else None


@dataclass(frozen=True, kw_only=True)
class DeclaredAction:
    """What its pipeline says of it."""

    #: such as Approval and Manual
    category: str
    provider: str
    #: SUPERSEDED, QUEUED or PARALLEL
    mode: str
    #: what its reader is told, with references to variables as they were typed
    custom_data: str = ""

    @property
    def is_manual_approval(self) -> bool:
        return (self.category, self.provider) == ("Approval", "Manual")


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What the action shows now."""

    #: of the pipeline, the newest one that came to the stage; "" before the first
    execution: str = ""
    #: InProgress, Abandoned, Succeeded or Failed; "" when it never ran
    status: str = ""
    #: by which it is answered; only while it waits, and never in a pipeline that is PARALLEL
    token: str = field(default="", repr=False)
    #: what whoever answered has written
    summary: str = ""

    @property
    def waits(self) -> bool:
        return self.status == "InProgress"


@dataclass(frozen=True, kw_only=True)
class ApprovalRun:
    """The action's newest run in one execution of the pipeline."""

    #: when the execution's first action began
    began_at: datetime
    status: str
    #: what its reader is told, variables filled in
    custom_data: str = ""
    #: what whoever answered has written; "" where AWS does not tell
    summary: str = ""
