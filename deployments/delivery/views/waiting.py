"""The gates that wait for whoever reads, each with what a decision from the list needs."""

from dataclasses import dataclass
from datetime import datetime

from deployments.delivery import gate_seen
from deployments.delivery.models import Gate
from deployments.delivery.views.named import EnvironmentName, ReleaseName, environment_name, release_name
from deployments.vocabulary import DeploymentKind, Verdict


@dataclass(frozen=True, kw_only=True)
class WaitingView:
    """A gate that the reader may decide."""

    id: int
    deployment_id: int
    release: ReleaseName
    environment: EnvironmentName
    kind: DeploymentKind
    #: of the deployment: a person, by which token; or an agent, and on whose behalf
    requested_by: str
    reason: str
    #: the version that was live when it was asked for; "" when none was known
    live: str
    #: the first line of the release's notes
    note: str
    #: of the evidence, a sentence each
    warnings: tuple[str, ...]
    approvals_given: int
    approvals_needed: int
    opened_at: datetime
    expires_at: datetime
    #: fingerprint of what this shows, which the decision names
    seen: str


def waiting_view(gate: Gate) -> WaitingView:
    """`gate`: of Gate.objects.for_person, which reads all that is needed here."""
    deployment = gate.deployment
    return WaitingView(
        id=gate.pk,
        deployment_id=gate.deployment_id,
        release=release_name(deployment.release),
        environment=environment_name(deployment.environment),
        kind=DeploymentKind(deployment.kind),
        requested_by=deployment.requester,
        reason=deployment.reason,
        live=deployment.source_release.version if deployment.source_release else "",
        note=next(iter(deployment.release.notes.strip().splitlines()), ""),
        warnings=tuple(str(each) for each in (gate.evidence or {}).get("warnings") or ()),
        approvals_given=sum(approval.verdict == Verdict.APPROVE for approval in gate.approvals.all()),
        approvals_needed=gate.approvals_needed,
        opened_at=gate.opened_at,
        expires_at=gate.expires_at,
        seen=gate_seen.fingerprint(gate),
    )
