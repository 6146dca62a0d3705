"""Servers that somebody else deploys to: CodeDeploy's last deployment of the group is compared with the plan.

Before anything is written with what was there when the deployment began, and afterwards with the release.
"""

from collections.abc import Iterable, Mapping

from deployments.aws import bundles
from deployments.aws.codedeploy_values import CodeDeployment, DeploymentGroup
from deployments.swaps.code_deploy.facts import Installed, Snapshot
from deployments.swaps.code_deploy.observe import Observed
from deployments.swaps.steps.as_planned import Difference, Kind


def noted(group: DeploymentGroup, newest: Iterable[CodeDeployment], gone: str = "") -> Installed:
    """`newest` are deployments of the group, the last good one among them or not; `gone` why it is no way back."""
    last, attempted = group.last_successful, group.last_attempted
    found = next((each for each in newest if last is not None and each.id == last.id), None)
    return Installed(
        bundle=(found.bundle if found else None) or group.bundle,
        by=last.id if last else "",
        at=last.ended_at or last.created_at if last else None,
        newest=attempted.id if attempted else "",
        file_exists=found.file_exists if found else "",
        gone=gone,
    )


def before(snapshot: Snapshot, observed: Observed) -> Difference | None:
    """What was installed since the deployment began; None when it is what was there, whoever installed it again."""
    expected, other = snapshot.facts.installed, _brought_since(snapshot, observed)
    if expected is None or other is None or bundles.are_same(other.bundle, expected.bundle):
        return None
    was = bundles.place(expected.bundle) or "what was there before"
    return _difference(snapshot, other, f"{was} (by {expected.by})" if expected.by else was)


def same_again(snapshot: Snapshot, observed: Observed) -> str:
    """That somebody brought what was there anew meanwhile, in a clause; "" when nobody did."""
    expected = snapshot.facts.installed
    return _anew(_brought_since(snapshot, observed), expected.bundle if expected else None)


def ours_again(snapshot: Snapshot, observed: Observed) -> str:
    """The same of the release, once CodeDeploy has ended ours."""
    return _anew(observed.other, snapshot.artefact.bundle)


def since(snapshot: Snapshot, observed: Observed) -> Difference | None:
    """Ours has succeeded: what somebody else has deployed since, or deploys; None while it is the release."""
    other, ours = observed.other, observed.deployment
    older = other and ours and other.created_at and ours.created_at and other.created_at < ours.created_at
    if other is None or older or bundles.are_same(other.bundle, snapshot.artefact.bundle):
        return None
    return _difference(snapshot, other, snapshot.artefact.version)


def on_the_way_back(snapshot: Snapshot, observed: Observed, ours: CodeDeployment) -> CodeDeployment | None:
    """The newest deployment that is neither ours, nor part of any way back, nor of the release's own bundle."""
    mine = {ours.id, ours.rollback_id, snapshot.facts.again}
    for each in observed.newest:
        if each.id == ours.id:
            return None
        if each.id in mine or f"[tealgate {snapshot.key}" in each.description:
            continue
        if not bundles.are_same(each.bundle, snapshot.artefact.bundle):
            return each
    return None


def whose(other: CodeDeployment) -> str:
    """Such as "d-9 (created by user: hotfix)"."""
    return f"{other.id} ({_who(other)})"


def told(snapshot: Snapshot, other: CodeDeployment, expected: str) -> str:
    """What `other` did to the servers, as the beginning of a sentence."""
    return _difference(snapshot, other, expected).seen


def _anew(other: CodeDeployment | None, expected: Mapping[str, str] | None) -> str:
    if other is None or not bundles.are_same(other.bundle, expected):
        return ""
    did = "restarted the application there" if other.mode == "RESTART" else "installed the same bundle there again"
    return f"; meanwhile {whose(other)} {did}"


def _brought_since(snapshot: Snapshot, observed: Observed) -> CodeDeployment | None:
    """The group's last good deployment, where that is another one than was noted."""
    group, expected = observed.group, snapshot.facts.installed
    last = group.last_successful if group else None
    if group is None or expected is None or last is None or last.id == expected.by:
        return None
    listed = next((each for each in observed.newest if each.id == last.id), None)
    at = last.ended_at or last.created_at
    return listed or CodeDeployment(
        id=last.id, status=last.status, bundle=group.bundle, completed_at=at, overview=_NOT_COUNTED
    )


def _difference(snapshot: Snapshot, other: CodeDeployment, expected: str) -> Difference:
    group, place = snapshot.settings.codedeploy_group, bundles.place(other.bundle) or "another bundle"
    at = other.completed_at or other.created_at
    since = f" since {at:%Y-%m-%d %H:%M:%S} UTC" if at else ""
    if other.status == "Succeeded":
        seen = f"The servers of {group} have {place}{since}, by {whose(other)}"
    elif not other.is_over:
        seen = f"Deployment {whose(other)} installs {place} on the servers of {group}{since}"
    else:
        began = f"Deployment {whose(other)} began to install {place}"
        seen = f"{began} on the servers of {group} and {other.status}"
    return Difference(kind=Kind.OTHER_BUNDLE, seen=f"{seen}, which is not {expected}")


def _who(other: CodeDeployment) -> str:
    """CodeDeploy knows no person; what was written with it often names one."""
    by = f"created by {other.creator}" if other.creator else "created by somebody"
    said = " ".join(other.description.split())[:80]
    return f"{by}: {said}" if said else by


_NOT_COUNTED: Mapping[str, int] = {}
