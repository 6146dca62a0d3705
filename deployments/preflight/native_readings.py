"""What preflight reads of a service that ECS shifts: one service behind two target groups, and ECS's own deployment."""

from collections.abc import Mapping

from deployments.aws import values
from deployments.preflight.one_service_readings import OneServiceReadings


class NativeReadings(OneServiceReadings):
    def lattice_weights(self, rule: str) -> Mapping[str, int]:
        """Raises AwsError."""
        return self._once(("lattice_weights", rule), lambda: self._gateway.lattice_weights(rule))

    def current(self, service: values.Service) -> values.NativeDeployment | None:
        """The one that ECS runs, or ran last; None of a service that was never deployed to by ECS's own."""
        arn = service.service_deployment
        read = self._gateway.service_deployments
        return self._once(("service_deployments",), lambda: read((arn,))).get(arn) if arn else None
