"""The circuit breaker and the alarms of a deployment.

An alarm that is in ALARM when the deployment starts is not trusted: AWS then ignores all of them until the deployment
is over, and reports them as DISABLED.
"""

from sandbox.ecs.breaker import threshold
from sandbox.ecs.service_deployments.model import ServiceDeployment, Watched
from sandbox.ecs.store import Store

TRIPPED = "Service deployment rolled back because the circuit breaker threshold was exceeded."
IN_ALARM = "Service deployment rolled back because these CloudWatch alarms are in ALARM: {names}."


def begin(store: Store, deployment: ServiceDeployment) -> None:
    if deployment.configuration.get("deploymentCircuitBreaker", {}).get("enable"):
        deployment.breaker.status = "MONITORING"
    if deployment.configuration.get("alarms", {}).get("enable") and not _in_alarm(store, deployment):
        deployment.alarms.status = "MONITORING"


def failure(store: Store, deployment: ServiceDeployment) -> str:
    """Why the deployment must be rolled back, if it must."""
    return _breaker(deployment) or alarm(store, deployment)


def alarm(store: Store, deployment: ServiceDeployment) -> str:
    alarms = deployment.alarms
    if alarms.status == "MONITORING":
        alarms.triggered = _in_alarm(store, deployment)
        if alarms.triggered:
            alarms.status = "TRIGGERED"
            if deployment.configuration["alarms"].get("rollback"):
                return IN_ALARM.format(names=", ".join(alarms.triggered))
    return ""


def failures(deployment: ServiceDeployment) -> int:
    return deployment.target.deployment.failed_tasks


def limit(deployment: ServiceDeployment) -> int:
    breaker = deployment.configuration.get("deploymentCircuitBreaker", {})
    return threshold(deployment.service.desired_count, breaker)


def end(deployment: ServiceDeployment) -> None:
    for watched in (deployment.breaker, deployment.alarms):
        _end(watched)


def _end(watched: Watched) -> None:
    if watched.status == "MONITORING":
        watched.status = "MONITORING_COMPLETE"


def _breaker(deployment: ServiceDeployment) -> str:
    if deployment.breaker.status != "MONITORING" or failures(deployment) < limit(deployment):
        return ""
    deployment.breaker.status = "TRIGGERED"
    return TRIPPED if deployment.configuration["deploymentCircuitBreaker"].get("rollback") else ""


def _in_alarm(store: Store, deployment: ServiceDeployment) -> list[str]:
    states = store.around.alarm_states()
    names = deployment.configuration.get("alarms", {}).get("alarmNames", [])
    return [name for name in names if states.get(name) == "ALARM"]
