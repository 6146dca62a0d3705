"""A deployment in place: as many instances at once as the health rule allows, each out of traffic meanwhile."""

from sandbox.account import arn
from sandbox.codedeploy.halts import Failed, Halt
from sandbox.codedeploy.lifecycle import Story, close
from sandbox.codedeploy.model import Deployment, Target
from sandbox.codedeploy.server import health, scaling
from sandbox.codedeploy.server.fleet import Fleet, members
from sandbox.codedeploy.server.order import by_health
from sandbox.codedeploy.server.steps import ALLOW, BLOCK, INSTALL, Steps, events
from sandbox.codedeploy.store import Store

NO_INSTANCES = (
    "The deployment failed because no instances were found for your deployment group. Check your deployment group "
    "settings to make sure the tags for your Amazon EC2 instances or Auto Scaling groups correctly identify the "
    "instances you want to deploy to, and then try again."
)


def deploy(store: Store, fleet: Fleet, deployment: Deployment) -> Story:
    numbers = deployment.only_instances or members(store.region, deployment.group.body)
    if deployment.request.get("updateOutdatedInstancesOnly"):
        numbers = [number for number in numbers if not _is_current(fleet, number, deployment)]
        if not numbers:
            return
    numbers = by_health(store, fleet, deployment.group, numbers)
    names = (*BLOCK, *INSTALL, *ALLOW) if deployment.group.controls_traffic else INSTALL
    prepared = prepare(store, fleet, deployment, numbers, names)
    scaled = [each["name"] for each in deployment.group.body.get("autoScalingGroups") or []]
    processes = deployment.ec2_options.get("autoScalingGroupProcessesToSuspend") or []
    suspended = scaling.suspend(store.region, scaled, processes)
    try:
        yield from roll(deployment, prepared, names)
    finally:
        scaling.resume(store.region, suspended)


def prepare(
    store: Store, fleet: Fleet, deployment: Deployment, numbers: list[str], names: tuple[str, ...], label: str = ""
) -> list[Steps]:
    """A target for each instance. Raises Failed when there is none."""
    if not numbers:
        raise Failed("NO_INSTANCES", NO_INSTANCES)
    prepared = []
    for number in numbers:
        target = Target(number, arn("ec2", f"instance/{number}", store.region), events(names), label=label)
        deployment.targets[number] = target
        prepared.append(Steps(store, fleet, deployment, target, fleet.instance(number)))
    return prepared


def roll(deployment: Deployment, prepared: list[Steps], names: tuple[str, ...], *, final: bool = True) -> Story:
    """All of them through these events. Raises Failed when the health rule is broken.

    Not ``final``: more events follow, so an instance that came through is in progress still.
    """
    out = health.allowed_out(deployment.config, len(prepared))
    waiting, running = list(prepared), dict[Steps, Story]()
    failed = succeeded = 0
    while waiting or running:
        while waiting and len(running) + failed < out:
            steps = waiting.pop(0)
            steps.target.status = "InProgress"
            running[steps] = steps.run(names)
        for steps, story in list(running.items()):
            ended = _advance(steps, story, final=final)
            if ended is not None:
                del running[steps]
                succeeded, failed = succeeded + ended, failed + (not ended)
        if not running and health.too_many_failed(failed, len(waiting), succeeded, out):
            raise Failed("HEALTH_CONSTRAINTS", health.TOO_MANY)
        yield


def _advance(steps: Steps, story: Story, *, final: bool) -> bool | None:
    """One step on. True when it came to the end, False when it failed."""
    try:
        next(story)
    except StopIteration:
        if final:
            steps.settle()
            close(steps.target, "Succeeded")
        return True
    except Halt:
        close(steps.target, "Failed")
        return False
    return None


def _is_current(fleet: Fleet, number: str, deployment: Deployment) -> bool:
    last = deployment.group.last_successful
    if last is None or not fleet.has(number, deployment.group):
        return False
    return fleet.instance(number).installed[deployment.group.id].deployment == last.id
