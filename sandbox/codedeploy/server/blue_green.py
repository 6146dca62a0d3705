"""A deployment to other instances: install there, reroute traffic, let the originals go.

1. The replacement fleet: a copy of the Auto Scaling group, or instances that CreateDeployment names.
2. The revision on every one of them, by the health rule.
3. The gate, when the group has one.
4. Traffic: replacements into the target groups, then originals out.
5. The termination wait, then the originals are terminated, or kept.

Until then a roll back is a swap of traffic: the originals still run what they ran.
"""

from dataclasses import dataclass, field

from sandbox.codedeploy.ecs.story import NOBODY_CAME
from sandbox.codedeploy.halts import Failed, Stopped
from sandbox.codedeploy.lifecycle import Story, close, pause, ready, until
from sandbox.codedeploy.model import Deployment, Json
from sandbox.codedeploy.server import scaling
from sandbox.codedeploy.server.fleet import Fleet, in_auto_scaling, members
from sandbox.codedeploy.server.in_place import NO_INSTANCES, prepare, roll
from sandbox.codedeploy.server.steps import ALLOW, BLOCK, INSTALL, Steps, target_groups
from sandbox.codedeploy.store import Store


@dataclass(eq=False)
class Fleets:
    """The two fleets of one deployment."""

    store: Store
    deployment: Deployment
    originals: list[str]
    auto_scaling_group: str = ""
    copy: str = ""
    replacements: list[str] = field(default_factory=list)

    def restore(self) -> None:
        """The originals into traffic, the replacements out; a copied group is removed."""
        balancers = self.store.around.ecs.load_balancers
        for arn, port in target_groups(self.store.region, self.deployment):
            for number in self.originals:
                balancers.register(arn, number, port)
            for number in self.replacements:
                balancers.deregister(arn, number, port)
        if self.copy:
            scaling.remove(self.store.region, self.copy)

    def end_originals(self) -> None:
        if self.auto_scaling_group:
            scaling.remove(self.store.region, self.auto_scaling_group)
        else:
            scaling.terminate(self.store.region, self.originals)


def deploy(store: Store, fleet: Fleet, deployment: Deployment) -> Story:
    if deployment.undoes is not None:
        fleets = deployment.undoes.keepsake
        if isinstance(fleets, Fleets):
            fleets.restore()
        yield
        return
    fleets = _fleets(store, deployment)
    deployment.keepsake, deployment.restore = fleets, fleets.restore
    green = prepare(store, fleet, deployment, fleets.replacements, (*INSTALL, *ALLOW), "Green")
    blue = prepare(store, fleet, deployment, fleets.originals, BLOCK, "Blue") if fleets.originals else []
    yield from roll(deployment, green, INSTALL, final=False)
    healthy = [steps for steps in green if steps.target.status != "Failed"]
    yield from _stand_at_the_gate(store, deployment, healthy)
    yield from roll(deployment, healthy, ALLOW)
    for steps in blue:
        steps.target.status = "InProgress"
        yield from steps.run(BLOCK)
        close(steps.target, "Succeeded")
    yield from _end_originals(store, deployment, fleets)


def _fleets(store: Store, deployment: Deployment) -> Fleets:
    body = deployment.group.body
    fleets = Fleets(store, deployment, members(store.region, body))
    option = _configuration(deployment).get("greenFleetProvisioningOption") or {}
    names = [each["name"] for each in body.get("autoScalingGroups") or []]
    if option.get("action") == "COPY_AUTO_SCALING_GROUP":
        if len(names) != 1:
            raise Failed("AUTO_SCALING_CONFIGURATION", "COPY_AUTO_SCALING_GROUP needs exactly one Auto Scaling group.")
        fleets.auto_scaling_group = names[0]
        fleets.copy = f"CodeDeploy_{deployment.group.name}_{deployment.id}"
        scaling.copy(store.region, names[0], fleets.copy)
        fleets.replacements = in_auto_scaling(store.region, [fleets.copy])
    else:
        wanted = members(store.region, deployment.request.get("targetInstances") or {})
        fleets.replacements = [number for number in wanted if number not in fleets.originals]
    if not fleets.replacements:
        raise Failed("NO_INSTANCES", NO_INSTANCES)
    return fleets


def _stand_at_the_gate(store: Store, deployment: Deployment, green: list[Steps]) -> Story:
    option = _configuration(deployment).get("deploymentReadyOption") or {}
    if option.get("actionOnTimeout") != "STOP_DEPLOYMENT":
        return
    targets = [steps.target for steps in green]
    minutes = int(option.get("waitTimeInMinutes") or 0)
    ready(deployment, targets, waiting=True)
    nobody = Stopped("TIMEOUT", NOBODY_CAME.format(minutes), event="")
    yield from until(store.clock, lambda: deployment.may_reroute, within=minutes * 60, otherwise=nobody)
    ready(deployment, targets, waiting=False)


def _end_originals(store: Store, deployment: Deployment, fleets: Fleets) -> Story:
    option = _configuration(deployment).get("terminateBlueInstancesOnDeploymentSuccess") or {}
    if option.get("action") == "TERMINATE":
        deployment.termination_wait_started = True
        minutes = int(option.get("terminationWaitTimeInMinutes") or 0)
        yield from pause(store.clock, minutes * 60, unless=lambda: deployment.may_terminate)
    else:
        deployment.status_info = "The original instances were kept, as the deployment group asks for."
    deployment.past_return = True
    if fleets.copy:
        scaling.hand_over(store.region, fleets.auto_scaling_group, fleets.copy)
        deployment.group.body["autoScalingGroups"] = [{"name": fleets.copy}]
    if option.get("action") == "TERMINATE":
        fleets.end_originals()
    yield


def _configuration(deployment: Deployment) -> Json:
    return dict(deployment.group.body.get("blueGreenDeploymentConfiguration") or {})
