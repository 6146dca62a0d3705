"""What preflight reads of one service behind two target groups, whose traffic AWS shifts itself."""

from collections.abc import Mapping

from deployments.aws import values
from deployments.preflight.pair_readings import PairReadings
from deployments.preflight.readings import NotLooked
from deployments.preflight.words import named
from deployments.vocabulary import Slot


class OneServiceReadings(PairReadings):
    """Two target groups like a pair, but one service behind them."""

    def find_service(self) -> values.Service | None:
        """Behind an ECS Gateway, as what ECS made for it serves it."""
        service = super().find_service()
        route = self.gateway_route(service) if service else None
        return service.behind(route.managed) if service and route and route.managed else service

    @property
    def is_behind_gateway(self) -> bool:
        service = super().find_service()
        return bool(service and self.gateway_route(service))

    def service(self, slot: Slot) -> values.Service | None:
        return self.find_service() if slot is self.live_slot else None

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
    def scalable_targets(self) -> Mapping[Slot, values.ScalableTarget]:
        resource = f"service/{named(self._settings.cluster)}/{self._settings.service_name}"
        found = self._once(("scalable_targets",), lambda: self._gateway.scalable_targets((resource,)))
        return {self.live_slot: found[resource]} if resource in found else {}
