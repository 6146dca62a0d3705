"""VPC Lattice: rules are read and changed, and ECS shifts them as it shifts those of load balancers."""

import re
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from tests.sandbox.lattice import Lattice
from tests.sandbox.native import FAST, Native, role

MAY = ("elasticloadbalancing:*", "vpc-lattice:UpdateRule")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=FAST, applications=("storefront",)) as running:
        yield running


def test_a_rule_and_a_listener_are_read_and_changed(sandbox: Sandbox) -> None:
    lattice = Lattice(sandbox)
    lattice.forward(30, 70)
    groups = [{"targetGroupIdentifier": lattice.blue, "weight": 100}]
    where = {name: lattice.names[name] for name in ("serviceIdentifier", "listenerIdentifier")}
    lattice.aws.update_listener(**where, defaultAction={"forward": {"targetGroups": groups}})

    assert re.fullmatch(r"arn:aws:vpc-lattice:us-east-1:\d{12}:service/svc-\w{17}", lattice.service["arn"])
    assert lattice.rule["arn"] == f"{lattice.listener['arn']}/rule/{lattice.rule['id']}"
    assert lattice.weights() == (30, 70)
    assert lattice.aws.get_listener(**where)["defaultAction"] == {"forward": {"targetGroups": groups}}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        lattice.aws.get_rule(**lattice.names | {"ruleIdentifier": "rule-0123456789abcdef0"})
    assert "vpc-lattice:GetRule" in sandbox.faults.calls()


def test_a_canary_shifts_both_ways_in_and_a_roll_back_both_back(sandbox: Sandbox) -> None:
    canary = {"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 600}
    lattice = Lattice(sandbox)
    shop = Native(sandbox, lattice=[lattice.way(role(sandbox, *MAY))], strategy="CANARY", canaryConfiguration=canary)
    live = lattice.weights()

    released = shop.deploy("1.1.0")
    shop.until_at(released, 10.0)
    mixed = lattice.weights(), shop.weights(shop.production)
    sandbox.skip(601 * 60)
    revision = shop.until(released, "SUCCESSFUL")["targetServiceRevision"]["arn"]
    after = lattice.weights()
    turned = shop.deploy("1.6.0")
    shop.until_at(turned, 10.0)
    shop.stop(turned)
    shop.until(turned, "ROLLBACK_SUCCESSFUL")

    assert (live, mixed) == ((100, 0), ((90, 10), (90, 10)))
    assert after == lattice.weights() == (0, 100)
    (shown,) = shop.ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"]
    assert shown["resolvedConfiguration"]["vpcLatticeConfigurations"] == [
        {"targetGroupArn": lattice.green, "productionListenerRule": lattice.rule["arn"]}
    ]


def test_a_role_that_may_not_change_the_rule_fails_the_deployment_at_once(sandbox: Sandbox) -> None:
    shop, lattice = Native(sandbox, strategy="BLUE_GREEN"), Lattice(sandbox)
    allowed = role(sandbox, "elasticloadbalancing:*")

    ended = shop.until(shop.update(vpcLatticeConfigurations=[lattice.way(allowed)]), "ROLLBACK_SUCCESSFUL")

    assert allowed in ended["statusReason"]
    assert lattice.weights() == (100, 0)


def test_a_rule_of_a_load_balancer_is_none_of_lattice_s(sandbox: Sandbox) -> None:
    shop, lattice = Native(sandbox, strategy="BLUE_GREEN"), Lattice(sandbox)
    way = lattice.way(shop.role)
    way["advancedConfiguration"]["productionListenerRule"] = shop.production

    with pytest.raises(ClientError, match="must be the ARN of a listener or a rule of VPC Lattice"):
        shop.update(vpcLatticeConfigurations=[way])
