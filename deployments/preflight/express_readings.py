"""What preflight reads of a service of Express Mode, and of what ECS made for it."""

from collections.abc import Mapping

from deployments.aws import values
from deployments.evidence.providers import cloudwatch_alarms
from deployments.preflight.readings import NotLooked
from deployments.preflight.service_readings import ServiceReadings


class ExpressReadings(ServiceReadings):
    @property
    def revision(self) -> values.ServiceRevision:
        """The one that runs. While ECS deploys there are more, which is another check's error."""
        arns = self.source.revisions[:1]
        found = self._once(("service_revisions",), lambda: self._gateway.service_revisions(arns)) if arns else {}
        for revision in found.values():
            return revision
        raise NotLooked(f"ECS shows no revision of {self.source.name} that runs")

    @property
    def managed(self) -> values.Managed:
        found = self.revision.managed
        if found is None:
            raise NotLooked(f"ECS tells of nothing that it made for {self.source.name}")
        return found

    @property
    def groups(self) -> tuple[values.TargetGroup, ...]:
        arns = self.managed.target_groups
        if not arns:
            return ()
        found = self._once(("target_groups",), lambda: self._gateway.target_groups(arns))
        return tuple(found[arn] for arn in arns if arn in found)

    @property
    def live_target_group(self) -> values.TargetGroup:
        live = self.revision.target_group
        for group in self.groups:
            if group.arn == live:
                return group
        raise NotLooked(f"ECS does not tell which target group {self.source.name} serves from")

    @property
    def alarms(self) -> Mapping[str, values.Alarm]:
        """The environment's, and those of ECS."""
        names = (*self._settings.alarms, *self.managed.alarms)
        return self._once(("alarms",), lambda: cloudwatch_alarms.read(names, self._gateway))
