"""How CodeDeploy is told to install on servers, besides what: whatever the environment chose, else as it was before."""

from dataclasses import replace

from deployments.aws.actions import CreateDeployment
from deployments.swaps.code_deploy.facts import Snapshot
from deployments.swaps.decisions import Act


def chosen(snapshot: Snapshot, act: Act) -> Act:
    """The same CreateDeployment with them."""
    action = act.action
    if not isinstance(action, CreateDeployment):
        raise TypeError("only a deployment has options")
    past = goes_past(snapshot)
    return replace(
        act,
        reason=act.reason + (", past failing scripts of what is there" if past else ""),
        action=replace(action, file_exists=_file_exists(snapshot), ignore_stop_failures=past),
    )


def undoes_itself(snapshot: Snapshot, act: Act) -> Act:
    """The same CreateDeployment, unless CodeDeploy's own roll back could only take servers out of traffic."""
    installed, group, action = snapshot.facts.installed, snapshot.facts.group, act.action
    gone = installed.gone if installed and group and group.in_place else ""
    if not gone or not isinstance(action, CreateDeployment):
        return act
    return replace(
        act,
        reason=f"{act.reason}, and not to roll back by itself: {gone}",
        action=replace(action, rollback_events=()),
    )


def goes_past(snapshot: Snapshot) -> bool:
    """Whether a failing ApplicationStop, BeforeBlockTraffic or AfterBlockTraffic of what is there is passed over."""
    return snapshot.facts.past_stop_failures or snapshot.settings.ignore_stop_failures


def _file_exists(snapshot: Snapshot) -> str:
    installed = snapshot.facts.installed
    return snapshot.settings.file_exists or (installed.file_exists if installed else "")
