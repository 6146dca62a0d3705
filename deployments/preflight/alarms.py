"""The alarms that roll a deployment back: there, quiet, and enough to notice a bad release."""

from collections.abc import Iterator

from deployments.aws.values import Alarm
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.readings import Readings
from deployments.preflight.report import Result, error, ok, warning
from deployments.preflight.words import ended, spelled
from deployments.red import Ailment


def check(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """alarms"""
    if not settings.alarms:
        yield warning(
            "alarms",
            "No CloudWatch alarm is named, so none can roll a deployment back.",
            "Name the alarms that would wake somebody up, such as 5xx and latency of the load balancer.",
        )
    for name in settings.alarms:
        yield _alarm(name, readings.alarms.get(name), readings)


def watch(settings: EnvironmentSettings, artefact: Artefact | None, readings: Readings) -> Iterator[Result]:
    """watch-5xx"""
    if settings.max_5xx_percent < 100:
        yield ok("watch-5xx", f"More than {settings.max_5xx_percent:g} % of 5xx answers roll a deployment back.")
        return
    yield warning(
        "watch-5xx",
        "The watch over 5xx answers is off (most 5xx is 100 %).",
        "Set it to what production tolerates, such as 1 %.",
    )


def _alarm(name: str, alarm: Alarm | None, readings: Readings) -> Result:
    if alarm is None:
        return error(
            "alarms",
            f"The alarm {name} does not exist in this account and region.",
            "Correct the name (they differ in upper and lower case), or create the alarm.",
        )
    since = f" for {spelled((readings.now - alarm.changed_at).total_seconds())}" if alarm.changed_at else ""
    why = f": {ended(alarm.reason)}" if alarm.reason else "."
    if alarm.state == "ALARM":
        rings = f"The alarm {name} has been in ALARM{since}{why}"
        return error(
            "alarms",
            f"{rings} A deployment would be rolled back at once.",
            "Mend what it complains about first; if it is wrong, correct the alarm. "
            "If this release is the mend, deploy it as a repair.",
            ails=(Ailment.ALARM, name),
            alone=rings,
        )
    if alarm.state != "OK":
        return warning(
            "alarms",
            f"The alarm {name} has been in {alarm.state}{since}{why} It may not notice a bad release.",
            "Check its metric and dimensions, and set TreatMissingData to notBreaching if quiet is normal.",
        )
    return ok("alarms", f"The alarm {name} is OK.")
