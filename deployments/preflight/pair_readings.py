"""What preflight reads of a service pair: two slots, of which the production rule says who is live."""

from collections.abc import Mapping

from deployments.aws import errors, values
from deployments.aws.listeners import load_balancer_of
from deployments.preflight.readings import NotLooked, Readings
from deployments.preflight.words import named
from deployments.vocabulary import Slot


class PairReadings(Readings):
    @property
    def routes(self) -> tuple[values.Route, ...]:
        """Every rule of the load balancer that the production rule belongs to."""
        balancer = load_balancer_of(self._settings.production_rule)
        return self._once(("routes",), lambda: self._gateway.routes(balancer))

    def rule(self, arn: str) -> values.Rule | None:
        """One of all these, or by itself: when it is of another load balancer, or they could not be read."""
        try:
            found = next((route.rule for route in self.routes if route.rule.arn == arn), None)
        except (errors.Denied, errors.NotFound):
            found = None
        return found or super().rule(arn)

    def service(self, slot: Slot) -> values.Service | None:
        names = (self._settings.blue_service, self._settings.green_service)
        found = self._once(("services",), lambda: self._gateway.services(self._settings.cluster, names))
        return found.get(self._settings.service(slot))

    @property
    def production_rule(self) -> values.Rule:
        rule = self.rule(self._settings.production_rule)
        if rule is None:
            raise NotLooked("the production rule does not exist")
        return rule

    @property
    def production_rules(self) -> tuple[values.Rule, ...]:
        """The first one, and the further ones that exist."""
        more = (self.rule(arn) for arn in self._settings.more_production_rules)
        return (self.production_rule, *(rule for rule in more if rule))

    @property
    def owned_by_ecs(self) -> tuple[str, ...]:
        """Of the environment's rules and target groups those that ECS made for itself."""
        groups = (group.arn for group in self.groups)
        test = self._settings.test_rule
        rules = (rule.arn for rule in (*self.production_rules, self.rule(test) if test else None) if rule)
        arns = tuple(sorted({*groups, *rules}))
        return self._once(("owned_by_ecs",), lambda: self._gateway.owned_by_ecs(arns))

    @property
    def live_slot(self) -> Slot:
        """The slot that the production rule sends traffic to, when that is exactly one."""
        slots = [slot for arn in self.production_rule.live if (slot := self._settings.slot_of(arn))]
        if len(slots) != 1:
            raise NotLooked("it is not clear which slot is live")
        return slots[0]

    def serves(self, slot: Slot) -> bool:
        """Whether production goes there; no where that is not clear."""
        try:
            return slot is self.live_slot
        except (NotLooked, errors.AwsError):
            return False

    @property
    def source(self) -> values.Service:
        service = self.service(self.live_slot)
        if service is None:
            raise NotLooked(f"the live service {self._settings.service(self.live_slot)} does not exist")
        return service

    @property
    def target(self) -> values.Service | None:
        return self.service(self.live_slot.other)

    def target_group(self, slot: Slot) -> values.TargetGroup | None:
        arns = (self._settings.blue_target_group, self._settings.green_target_group)
        found = self._once(("target_groups",), lambda: self._gateway.target_groups(arns))
        return found.get(self._settings.target_group(slot))

    @property
    def live_target_group(self) -> values.TargetGroup:
        group = self.target_group(self.live_slot)
        if group is None:
            raise NotLooked("the live slot's target group does not exist")
        return group

    @property
    def scalable_targets(self) -> Mapping[Slot, values.ScalableTarget]:
        cluster = named(self._settings.cluster)
        ids = {slot: f"service/{cluster}/{self._settings.service(slot)}" for slot in Slot}
        found = self._once(("scalable_targets",), lambda: self._gateway.scalable_targets(tuple(ids.values())))
        return {slot: found[resource] for slot, resource in ids.items() if resource in found}

    @property
    def services(self) -> tuple[values.Service, ...]:
        return tuple(service for slot in Slot if (service := self.service(slot)))

    @property
    def groups(self) -> tuple[values.TargetGroup, ...]:
        return tuple(group for slot in Slot if (group := self.target_group(slot)))

    @property
    def is_scaled(self) -> bool:
        return bool(self.scalable_targets)
