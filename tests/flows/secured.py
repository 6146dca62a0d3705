"""The seeded shop behind HTTPS: every listener with two certificates, and plain HTTP sent on to production."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.server import Sandbox
from tests.certificates import Pem, issue


@dataclass(frozen=True)
class Certificates:
    """Whoever asks for no name gets the default; ``named`` is for who asks for the shop's."""

    default: Pem = field(default_factory=lambda: issue("default.example.com"))
    named: Pem = field(default_factory=lambda: issue("shop.example.com"))


def secure(sandbox: Sandbox, given: Certificates) -> None:
    """Where they are; the sandbox puts the listeners' new addresses out."""
    acm, elb = sandbox.client("acm"), sandbox.client("elbv2")
    default, named = (
        [{"CertificateArn": acm.import_certificate(Certificate=pem.certificate, PrivateKey=pem.key)["CertificateArn"]}]
        for pem in (given.default, given.named)
    )
    for listener in sandbox.load_balancers.listeners():
        arn = listener["ListenerArn"]
        elb.modify_listener(ListenerArn=arn, Protocol="HTTPS", Certificates=default)
        elb.add_listener_certificates(ListenerArn=arn, Certificates=named)


def listening(sandbox: Sandbox) -> dict[str, tuple[str, set[str], set[str]]]:
    """By listener: its protocol, the ARNs of its certificates, and to whom its rules forward anything."""
    elb, told = sandbox.client("elbv2"), {}
    for listener in sandbox.load_balancers.listeners():
        arn = listener["ListenerArn"]
        certificates = elb.describe_listener_certificates(ListenerArn=arn)["Certificates"]
        forwards = {
            group["TargetGroupArn"]
            for rule in elb.describe_rules(ListenerArn=arn)["Rules"]
            for action in rule["Actions"]
            for group in action.get("ForwardConfig", {}).get("TargetGroups", [])
            if group["Weight"]
        }
        protocol = elb.describe_listeners(ListenerArns=[arn])["Listeners"][0]["Protocol"]
        told[arn] = (protocol, {each["CertificateArn"] for each in certificates}, forwards)
    return told


def front_door(sandbox: Sandbox, production_url: str) -> str:
    """A listener for plain HTTP beside production's, that sends people there by 301; its address."""
    production = _at(sandbox, "Url", production_url)
    redirect = {"Protocol": "HTTPS", "Port": str(production["LocalPort"]), "StatusCode": "HTTP_301"}
    made = sandbox.client("elbv2").create_listener(
        LoadBalancerArn=production["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "redirect", "RedirectConfig": redirect}],
    )
    return str(_at(sandbox, "ListenerArn", made["Listeners"][0]["ListenerArn"])["Url"])


def know_one_name(sandbox: Sandbox, url: str) -> None:
    """Whoever asks that listener under its address is answered 400, as Django does to names that it does not know."""
    arn, client = _at(sandbox, "Url", url)["ListenerArn"], sandbox.client("elbv2")
    rules = {rule["Priority"]: rule["RuleArn"] for rule in client.describe_rules(ListenerArn=arn)["Rules"]}
    if "2" in rules:
        return
    if "1" in rules:
        client.set_rule_priorities(RulePriorities=[{"RuleArn": rules["1"], "Priority": 2}])
    client.create_rule(
        ListenerArn=arn,
        Priority=1,
        Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": ["127.0.0.1", "localhost"]}}],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "400"}}],
    )


def _at(sandbox: Sandbox, key: str, value: str) -> dict[str, Any]:
    return next(each for each in sandbox.load_balancers.listeners() if each[key] == value)
