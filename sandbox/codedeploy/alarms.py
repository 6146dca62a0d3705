"""The alarms that a deployment watches."""

from moto.cloudwatch.models import cloudwatch_backends

from sandbox.account import ACCOUNT
from sandbox.codedeploy.halts import Halt, Stopped
from sandbox.codedeploy.model import Deployment

ACTIVE = (
    "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the "
    "affected deployments have been stopped. Activated alarms: {names}"
)
# The sandbox's own words: what AWS says here is not documented.
UNREADABLE = "The state of these alarms could not be read, so the deployment has been stopped: {names}"


def judge(region: str, deployment: Deployment) -> Halt | None:
    configuration = deployment.alarms
    if not configuration.get("enabled"):
        return None
    known = cloudwatch_backends[ACCOUNT][region].alarms
    names = [alarm["name"] for alarm in configuration.get("alarms", [])]
    active = [name for name in names if name in known and known[name].state_value == "ALARM"]
    if active:
        return _stopped(ACTIVE, active)
    missing = [name for name in names if name not in known]
    if missing and not configuration.get("ignorePollAlarmFailure"):
        return _stopped(UNREADABLE, missing)
    return None


def _stopped(sentence: str, names: list[str]) -> Stopped:
    message = sentence.format(names=" ".join(f"<{name}>" for name in names))
    return Stopped("ALARM_ACTIVE", message, event="DEPLOYMENT_STOP_ON_ALARM")
