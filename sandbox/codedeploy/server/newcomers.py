"""Instances that an Auto Scaling group started after the last deployment get the revision of that one."""

from sandbox.codedeploy import deployments
from sandbox.codedeploy.model import Deployment, deployment_id
from sandbox.codedeploy.server.fleet import Fleet, in_auto_scaling
from sandbox.codedeploy.store import Store


def welcome(store: Store, fleet: Fleet) -> None:
    fleet.bury()
    for group in store.groups():
        last = group.last_successful
        if group.platform != "Server" or last is None or store.active_in(group) is not None:
            continue
        names = [each["name"] for each in group.body.get("autoScalingGroups") or []]
        attempted = {number for each in store.deployments.values() for number in each.only_instances}
        if not last.is_restored:
            attempted |= set(last.targets)
        there = in_auto_scaling(store.region, names)
        blank = [number for number in there if not fleet.has(number, group) and number not in attempted]
        if blank:
            _deploy(store, last, blank)


def _deploy(store: Store, last: Deployment, numbers: list[str]) -> None:
    """In place, whatever the group does otherwise: there is nothing to swap with."""
    deployment = Deployment(
        deployment_id(),
        last.application,
        last.group,
        store.config("CodeDeployDefault.AllAtOnce"),
        last.revision,
        creator="autoscaling",
        only_instances=numbers,
    )
    deployments.start(store, deployment)
