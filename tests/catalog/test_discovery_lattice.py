"""VPC Lattice before a service is read and told; where there is nothing else, it is refused. In memory."""

from deployments.aws import errors
from deployments.aws.values import Lattice
from tests.catalog.test_discovery import propose, refusal
from tests.fakes.aws import SHOP, FakeGateway
from tests.fakes.names import arn

LISTENER = arn("vpc-lattice", "service/svc-1/listener/listener-1")
RULE = f"{LISTENER}/rule/rule-1"
ONE, OTHER = (arn("vpc-lattice", f"targetgroup/tg-{number}") for number in (1, 2))
SHIFTED = Lattice(target_group=ONE, alternate_target_group=OTHER, production_rule=RULE)
SETTLED = {"tg-1": 100, "tg-2": 0}
BY_SERVICE = {"cluster": "cart", "service": "cart"}


def account(*ways: Lattice, strategy: str = "BLUE_GREEN", weights: dict[str, int] = SETTLED) -> FakeGateway:
    """A service that nothing but VPC Lattice is before."""
    gateway = FakeGateway.single("cart", behind=False)
    service = gateway.ecs["cart", "cart"]
    service.strategy, service.lattice = strategy, ways
    gateway.lattice[RULE] = weights
    return gateway


def test_a_service_that_ecs_shifts_there_alone_is_refused_with_what_was_read() -> None:
    said = refusal(account(SHIFTED), **BY_SERVICE)

    assert said.startswith(
        "ECS shifts cart at VPC Lattice: its production rule svc-1/listener/listener-1/rule/rule-1 forwards to "
        "tg-1 100, tg-2 0. Tealgate cannot see there who is live"
    )
    assert "advancedConfiguration" not in said  # it has no load balancer to add that to


def test_what_is_wrong_with_its_rule_is_said() -> None:
    shared = refusal(account(SHIFTED, weights={"tg-1": 90, "tg-9": 10}), **BY_SERVICE)
    unclear = refusal(account(SHIFTED, weights={"tg-1": 50, "tg-2": 50}), **BY_SERVICE)
    gone, unread = account(SHIFTED), account(SHIFTED)
    gone.fail_next("lattice_weights", errors.NotFound("GetRule", "ResourceNotFoundException", "no"))
    unread.fail_next("lattice_weights", errors.Denied("GetRule", "AccessDeniedException", "no"))
    elsewhere = Lattice(target_group=ONE, alternate_target_group=OTHER, production_rule=SHOP.production_rule)

    assert "forwards to tg-1 90, tg-9 10, which are not its two target groups alone." in shared
    assert "forwards to tg-1 50, tg-2 50, so it is not clear which one is live." in unclear
    assert "rule-1 does not exist." in refusal(gone, **BY_SERVICE)
    assert "rule-1 could not be read (AccessDeniedException)." in refusal(unread, **BY_SERVICE)
    assert "which is no listener or rule of VPC Lattice." in refusal(account(elsewhere), **BY_SERVICE)


def test_where_ecs_shifts_nothing_there_the_service_is_rolled_with_a_doubt() -> None:
    proposal = propose(account(Lattice(target_group=ONE), strategy="ROLLING"), **BY_SERVICE)

    assert proposal.columns["controller"] == "ROLLING"
    assert proposal.doubts[-1].startswith("cart is reached by VPC Lattice (tg-1): such callers get the release as soon")


def test_beside_a_load_balancer_it_is_a_doubt_of_what_ecs_shifts() -> None:
    gateway = FakeGateway.pair()
    service = gateway.ecs[SHOP.cluster, "shop-blue"]
    service.alternate_target_group, service.production_rule = SHOP.target_group("green"), SHOP.production_rule
    service.lattice = (SHIFTED,)
    gateway.lattice[RULE] = {"tg-1": 0, "tg-2": 100}

    proposal = propose(gateway, cluster=SHOP.cluster, service="shop-blue")

    assert proposal.columns["controller"] == "ECS"
    assert any("at VPC Lattice too, and only ECS looks there" in doubt for doubt in proposal.doubts)
