"""What preflight reads of an environment that is one ECS service, behind target groups or behind none."""

from collections.abc import Mapping

from deployments.aws import values
from deployments.preflight.readings import NotLooked, Readings
from deployments.preflight.words import named


class ServiceReadings(Readings):
    @property
    def source(self) -> values.Service:
        service = self.find_service()
        if service is None:
            raise NotLooked(f"the service {self._settings.service_name} does not exist")
        return service

    @property
    def services(self) -> tuple[values.Service, ...]:
        service = self.find_service()
        return (service,) if service else ()

    @property
    def groups(self) -> tuple[values.TargetGroup, ...]:
        arns = self.source.target_groups
        if not arns:
            return ()
        found = self._once(("target_groups",), lambda: self._gateway.target_groups(arns))
        return tuple(found[arn] for arn in arns if arn in found)

    @property
    def live_target_group(self) -> values.TargetGroup:
        """The first one, which is the only one of nearly every service."""
        if not self.groups:
            raise NotLooked("the service's target group does not exist")
        return self.groups[0]

    @property
    def scalable_targets(self) -> Mapping[str, values.ScalableTarget]:
        resource = f"service/{named(self._settings.cluster)}/{self._settings.service_name}"
        return self._once(("scalable_targets",), lambda: self._gateway.scalable_targets((resource,)))

    @property
    def is_scaled(self) -> bool:
        return bool(self.scalable_targets)
