"""Load balancers that ECS makes by itself, for Express Mode and gateways: shared by the services of one network.

As `rules` does, this goes straight to moto's records: the request that asks for it has not left the front door yet.
Where AWS has HTTPS on 443 with a certificate of its own, this is HTTP on 80.
"""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ec2.exceptions import InvalidPermissionDuplicateError
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from sandbox.account import ACCOUNT
from sandbox.identifiers import drawn_by
from sandbox.seams import CannotMake, Json

PORT = 80
TAGS = [{"Key": "AmazonECSManaged", "Value": "true"}]
NAME = "ecs-express-gateway-alb"
CHECK: Mapping[str, Any] = {
    "healthcheck_protocol": "HTTP",
    "healthcheck_port": "traffic-port",
    "healthcheck_interval_seconds": 30,
    "healthcheck_timeout_seconds": 5,
    "healthy_threshold_count": 5,
    "unhealthy_threshold_count": 2,
    "healthcheck_enabled": True,
    "matcher": {"HttpCode": "200"},
}


class Ingress:
    """In one region."""

    def __init__(self, region: str) -> None:
        self._region = region

    def make_ingress(
        self, name: str, host: str, port: int, health_path: str, network: Json, test: Json | None = None
    ) -> Json:
        """Two target groups and a rule for `host`; the load balancer is made with the first. Raises CannotMake.

        ``network`` has subnets and securityGroups; without, the default VPC's. With ``test``, the header of test
        traffic, there is a rule for it before the other.
        """
        with drawn_by(f"ingress {self._region} {name}"):
            try:
                made = self._made(name, host, port, health_path, network)
                tried = [_host(host), _header(test)] if test else []
                return made | {
                    "testRule": self._rule(made, tried) if tried else "",
                    "rule": self._rule(made, [_host(host)]),
                }
            except ServiceException as error:
                raise CannotMake(str(error)) from error

    def make_group(self, name: str, ingress: Json) -> str:
        """A security group for the tasks, that lets the load balancer in."""
        front = [ingress["loadBalancerSecurityGroup"]]
        return self._security_group(f"{name}-service", ingress["vpc"], ingress["port"], [], front)

    def let_in(self, group: str, ingress: Json) -> None:
        """The load balancer, by this security group of the owner's."""
        front, port = [{"GroupId": ingress["loadBalancerSecurityGroup"]}], str(ingress["port"])
        with suppress(InvalidPermissionDuplicateError):
            ec2_backends[ACCOUNT][self._region].authorize_security_group_ingress(
                group, "tcp", port, port, [], source_groups=front
            )

    def check(self, ingress: Json, path: str) -> None:
        """Health checks go to this path from now on."""
        for arn in ingress["targetGroups"]:
            self._elb.modify_target_group(arn=arn, health_check_path=path)
        ingress["healthCheckPath"] = path

    def drop_ingress(self, ingress: Json) -> None:
        """The load balancer stays, as other services may be behind it."""
        for rule in filter(None, (ingress["rule"], ingress["testRule"])):
            self._elb.delete_rule(arn=rule)
        for arn in ingress["targetGroups"]:
            self._elb.delete_target_group(arn)

    @property
    def _elb(self) -> Any:
        return elbv2_backends[ACCOUNT][self._region]

    def _made(self, name: str, host: str, port: int, health_path: str, network: Json) -> Json:
        ec2 = ec2_backends[ACCOUNT][self._region]
        subnets = network.get("subnets") or self._default_subnets()
        if not subnets:
            raise CannotMake("No default VPC for this user. Name subnets in networkConfiguration.")
        vpc = ec2.get_subnet(subnets[0]).vpc_id
        balancer, listener, front = self._balancer(vpc, subnets)
        mark = sha256(name.encode()).hexdigest()[:10]
        groups = [self._target_group(f"ecs-gateway-tg-{mark}-{slot}", vpc, port, health_path) for slot in (1, 2)]
        return {
            "loadBalancer": balancer,
            "loadBalancerSecurityGroup": front,
            "listener": listener,
            "targetGroups": groups,
            "subnets": list(subnets),
            "securityGroups": list(network.get("securityGroups") or ()),
            "vpc": vpc,
            "healthCheckPath": health_path,
            "port": port,
            "endpoint": host,
        }

    def _rule(self, made: Json, conditions: list[Json]) -> str:
        """After those that there are."""
        shares = [{"TargetGroupArn": arn, "Weight": 1 - place} for place, arn in enumerate(made["targetGroups"])]
        there = self._elb.load_balancers[made["loadBalancer"]].listeners[made["listener"]].rules
        rule = self._elb.create_rule(
            listener_arn=made["listener"],
            conditions=conditions,
            priority=len(there),
            actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": shares}}],
            tags=TAGS,
        )
        return str(rule.arn)

    def _default_subnets(self) -> list[str]:
        found = ec2_backends[ACCOUNT][self._region].describe_subnets(filters={"default-for-az": "true"})
        return [subnet.id for subnet in found]

    def _balancer(self, vpc: str, subnets: list[str]) -> tuple[str, str, str]:
        """ARNs of load balancer and listener, and its security group's id."""
        name = f"{NAME}-{vpc[-8:]}"
        known = next((each for each in self._elb.load_balancers.values() if each.name == name), None)
        if known is not None:
            return known.arn, next(iter(known.listeners)), known.security_groups[0]
        front = self._security_group(name, vpc, PORT, [{"CidrIp": "0.0.0.0/0"}], [])
        made = self._elb.create_load_balancer(
            name=name, security_groups=[front], subnet_ids=list(subnets), scheme="internet-facing", tags=TAGS
        )
        refuse = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"}}
        listener = self._elb.create_listener(
            load_balancer_arn=made.arn,
            protocol="HTTP",
            port=str(PORT),
            ssl_policy="",
            certificate=None,
            actions=[refuse],
            tags=TAGS,
        )
        return made.arn, listener.arn, front

    def _target_group(self, name: str, vpc: str, port: int, health_path: str) -> str:
        made = self._elb.create_target_group(
            name, vpc_id=vpc, protocol="HTTP", port=port, target_type="ip", healthcheck_path=health_path, tags=TAGS,
            **CHECK,
        )  # fmt: skip
        delay = {"deregistration_delay.timeout_seconds": "30"}
        self._elb.modify_target_group_attributes(made.arn, delay)
        return str(made.arn)

    def _security_group(self, name: str, vpc: str, port: int, ranges: list[dict[str, str]], sources: list[str]) -> str:
        ec2 = ec2_backends[ACCOUNT][self._region]
        made = ec2.create_security_group(name, name, vpc_id=vpc, tags={"AmazonECSManaged": "true"})
        groups = [{"GroupId": each} for each in sources]
        ec2.authorize_security_group_ingress(made.id, "tcp", str(port), str(port), ranges, source_groups=groups)
        return str(made.id)


def _host(name: str) -> Json:
    return {"Field": "host-header", "HostHeaderConfig": {"Values": [name]}}


def _header(test: Json) -> Json:
    return {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": test["name"], "Values": test["values"]}}
