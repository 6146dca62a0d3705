"""What a repair by CodeDeploy takes beyond an ordinary deployment."""

from collections.abc import Mapping

from deployments import red
from deployments.frozen import EnvironmentSettings
from deployments.preflight.code_deploy_readings import CodeDeployReadings
from deployments.red import Ailment


def group_without_its_alarms(
    settings: EnvironmentSettings, readings: CodeDeployReadings, arns: tuple[str, ...]
) -> Mapping[str, tuple[str, ...]]:
    """A row of `grants`: empty unless an alarm of the group rang before, which CreateDeployment then leaves out.

    AWS asks of whoever overrides a group's alarms that they may change the group.
    """
    rang = red.names(settings.red, Ailment.ALARM)
    leaves_out = rang and rang & {*readings.group.alarms}
    return {"deployment group without its alarms": arns if leaves_out else ()}
