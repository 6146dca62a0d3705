"""What only rolling deployments are configured with: how many failures trip the breaker, and when success is early."""

from sandbox.ecs.errors import InvalidParameter
from sandbox.ecs.model import Json

THRESHOLDS = ("COUNT", "BOUNDED_PERCENT", "UNBOUNDED_PERCENT")
CLEANUPS = ("BLOCKING", "DEFERRED")


def check(configuration: Json) -> None:
    """Raises what AWS refuses; the sentences are ours."""
    threshold = configuration.get("deploymentCircuitBreaker", {}).get("thresholdConfiguration")
    if threshold and threshold["type"] not in THRESHOLDS:
        raise InvalidParameter(f"The type of thresholdConfiguration must be one of {', '.join(THRESHOLDS)}.")
    early = configuration.get("earlySuccessCriteria", {})
    if not early.get("enable"):
        return
    if configuration.get("strategy", "ROLLING") != "ROLLING":
        raise InvalidParameter("earlySuccessCriteria is only supported for the ROLLING deployment strategy.")
    if "healthyPercent" not in early or early.get("sourceServiceRevisionCleanup") not in CLEANUPS:
        raise InvalidParameter("earlySuccessCriteria needs healthyPercent and sourceServiceRevisionCleanup.")
    least = int(configuration.get("minimumHealthyPercent", 100))
    if not least <= int(early["healthyPercent"]) <= 100:
        raise InvalidParameter(f"healthyPercent must be between minimumHealthyPercent ({least}) and 100.")
