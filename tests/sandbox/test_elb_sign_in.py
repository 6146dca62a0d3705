"""Rules that let people sign in: what AWS refuses and never shows."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.codedeploy import traffic
from tests.sandbox.load_balancing import Balanced, balanced, refused, weighted

names = (f"sign-in-{number}" for number in itertools.count())
PATH = [{"Field": "path-pattern", "Values": ["/x"]}]
PROVIDER = {
    "Issuer": "https://login.example.com",
    "AuthorizationEndpoint": "https://login.example.com/authorize",
    "TokenEndpoint": "https://login.example.com/token",
    "UserInfoEndpoint": "https://login.example.com/me",
    "ClientId": "shop",
}


@pytest.fixture(scope="module")
def world() -> Iterator[Balanced]:
    with balanced() as running:
        yield running


class Secured:
    def __init__(self, world: Balanced) -> None:
        self.elbv2 = world.elbv2
        self.group, self.other = world.target_group(next(names)), world.target_group(next(names))
        self.balancer = world.load_balancer(next(names))
        self.certificate = world.client("acm").request_certificate(DomainName="shop.example.com")["CertificateArn"]
        self.listener = self.listen("HTTPS", 443)

    def listen(self, protocol: str, port: int) -> str:
        created = self.elbv2.create_listener(
            LoadBalancerArn=self.balancer,
            Protocol=protocol,
            Port=port,
            Certificates=[{"CertificateArn": self.certificate}] if protocol == "HTTPS" else [],
            DefaultActions=weighted((self.group, 1)),
        )
        return str(created["Listeners"][0]["ListenerArn"])

    def actions(self, **config: Any) -> list[dict[str, Any]]:
        sign_in = {"Type": "authenticate-oidc", "Order": 1, "AuthenticateOidcConfig": PROVIDER | config}
        return [sign_in, weighted((self.group, 1), (self.other, 0))[0] | {"Order": 2}]


@pytest.fixture
def secured(world: Balanced) -> Secured:
    return Secured(world)


def config(described: dict[str, Any]) -> dict[str, Any]:
    return dict(described["AuthenticateOidcConfig"])


def test_a_client_secret_is_never_shown(secured: Secured) -> None:
    elbv2, actions = secured.elbv2, secured.actions(ClientSecret="hush")
    rule = elbv2.create_rule(ListenerArn=secured.listener, Priority=1, Conditions=PATH, Actions=actions)["Rules"][0]
    elbv2.modify_listener(ListenerArn=secured.listener, DefaultActions=actions)

    again = elbv2.modify_rule(RuleArn=rule["RuleArn"], Actions=secured.actions(UseExistingClientSecret=True))

    assert config(rule["Actions"][0]) == config(again["Rules"][0]["Actions"][0]) == PROVIDER
    rules = elbv2.describe_rules(ListenerArn=secured.listener)
    for seen in (rules, elbv2.describe_listeners(LoadBalancerArn=secured.balancer)):
        assert "login.example.com" in str(seen)
        assert "hush" not in str(seen)


def test_a_secret_is_given_once_or_is_there(secured: Secured) -> None:
    rule = {"ListenerArn": secured.listener, "Priority": 1, "Conditions": PATH}
    both = secured.actions(ClientSecret="hush", UseExistingClientSecret=True)

    assert refused(secured.elbv2.create_rule, **rule, Actions=both) == (
        "InvalidLoadBalancerAction",
        "You cannot both specify a client secret and set UseExistingClientSecret to true",
    )
    for missing in (secured.actions(), secured.actions(UseExistingClientSecret=True)):
        assert refused(secured.elbv2.create_rule, **rule, Actions=missing)[0] == "InvalidLoadBalancerAction"


def test_nobody_signs_in_over_plain_http(secured: Secured) -> None:
    plain, actions = secured.listen("HTTP", 80), secured.actions(ClientSecret="hush")
    modify = secured.elbv2.modify_listener
    words = "Actions of type 'authenticate-oidc' are supported only on HTTPS listeners"

    rule = {"ListenerArn": plain, "Priority": 1, "Conditions": PATH}
    assert refused(secured.elbv2.create_rule, **rule, Actions=actions) == ("InvalidLoadBalancerAction", words)
    assert refused(modify, ListenerArn=plain, DefaultActions=actions)[1] == words
    modify(ListenerArn=secured.listener, DefaultActions=actions)
    assert refused(modify, ListenerArn=secured.listener, Protocol="HTTP")[1] == words


def test_code_deploy_shifts_traffic_behind_a_sign_in(secured: Secured) -> None:
    secured.elbv2.modify_listener(ListenerArn=secured.listener, DefaultActions=secured.actions(ClientSecret="hush"))

    traffic.write_weights(secured.listener, {secured.group: 0, secured.other: 100})

    seen = secured.elbv2.describe_listeners(ListenerArns=[secured.listener])["Listeners"][0]["DefaultActions"]
    assert config(seen[0]) == PROVIDER
    assert traffic.forwards(secured.listener) == {secured.group: 0, secured.other: 100}
