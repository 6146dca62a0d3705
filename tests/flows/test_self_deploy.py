"""Tealgate deploys Tealgate: its own web servers and its own worker are the tasks that are replaced, meanwhile.

A bootstrap Tealgate (as on the machine of whoever sets it up) fills the database. Then web and worker of this checkout
run as services of the sandbox's ECS, the bootstrap is gone, and the two swap themselves.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.account import REGION
from sandbox.images.registry import ECR_HOST
from sandbox.world import CLUSTER, balancing
from sandbox.world.services import network_configuration
from tests.flows.traffic import Traffic
from tests.stack import ROOT, Stack, answers, free_port, wait_for

pytestmark = pytest.mark.flow

GUNICORN = f"{sys.executable} -m gunicorn --config config/gunicorn.conf.py config.wsgi"
WEB = f"cd {ROOT} && WEB_BIND={{host}}:{{port}} exec {GUNICORN}"
WORKER = ["/bin/sh", "-c", f"cd {ROOT} && exec {sys.executable} manage.py worker"]
PASSED_ON = ("DJANGO_SETTINGS_MODULE", "SECRET_KEY", "DATABASE_URL", "SITE_URL", "QUEUE", "LOG_LEVEL")

SET_UP = """
from django.utils import timezone
from deployments.catalog import releases
from deployments.delivery import adoption
from deployments.models import Application, Environment
from deployments.people.principal import SYSTEM
tealgate = Application.objects.create(slug="tealgate", name="Tealgate")
common = {{"application": tealgate, "region": "{region}", "cluster": "{cluster}", "container_name": "tealgate",
    "container_port": 8000, "bake_seconds": 1, "termination_wait_seconds": 2, "scale_up_timeout_seconds": 40,
    "min_requests": 5, "max_5xx_percent": 5}}
Environment.objects.create(name="web", rank=1, controller="SERVICE_PAIR", strategy="BLUE_GREEN",
    blue_service="tealgate-blue", green_service="tealgate-green", blue_target_group="{blue}",
    green_target_group="{green}", production_rule="{rule}", production_url="{url}", **common)
Environment.objects.create(name="worker", rank=2, controller="ROLLING", strategy="ROLLING", service="tealgate-worker",
    **common)
for version in ("1", "2"):
    releases.register_release(application=tealgate, version=version, principal=SYSTEM, now=timezone.now(),
        images={{"tealgate": "{repository}:" + version}})
for environment in tealgate.environments.all():
    adoption.adopt(environment=environment, now=timezone.now())
"""
ASK = """
from django.contrib.auth.models import User
from django.utils import timezone
from deployments.models import Environment
from deployments.delivery.requests import request_deployment
from deployments.people.principal import Principal
environment = Environment.objects.get(application__slug="tealgate", name="{name}")
request_deployment(environment=environment, release=environment.application.releases.get(version="2"),
    strategy=environment.strategy, principal=Principal.person(User.objects.get(username="manager")),
    reason="myself", now=timezone.now())
"""


class Own:
    """Tealgate as two services of its own, one for web in two slots and one for the worker."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.world = stack.sandbox("world")
        self.client("ecr").create_repository(repositoryName="tealgate")
        for version in ("1", "2"):
            stack.sandbox("images", {"repository": "tealgate", "tag": version, "program": ["/bin/sh", "-c", WEB]})
        network, elb = self.world["network"], self.client("elbv2")
        balancer = balancing.load_balancer(elb, "tealgate", network)
        self.blue, self.green = (balancing.target_group(elb, f"tealgate-{slot}", network) for slot in ("blue", "green"))
        listening = balancing.listener(elb, balancer, free_port(), self.blue, self.green)
        self.rule = listening["rule"]
        web = self._register("tealgate-web", {"portMappings": [{"containerPort": 8000}]})
        self._service("tealgate-blue", web, 1, self.blue)
        self._service("tealgate-green", web, 0, self.green)
        self._service("tealgate-worker", self._register("tealgate-worker", {"command": WORKER}), 1)
        listeners = stack.sandbox("listeners")["listeners"]
        self.url = next(one["Url"] for one in listeners if one["ListenerArn"] == listening["listener"]).rstrip("/")

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "stack", "aws_secret_access_key": "stack"}
        return boto3.client(service, region_name=REGION, endpoint_url=self.stack.sandbox_url, **keys)

    def tasks(self) -> dict[str, set[str]]:
        """Task definitions that run, by service."""
        found: dict[str, set[str]] = {}
        for task in self.stack.sandbox("tasks")["tasks"]:
            if str(task["service"]).startswith("tealgate"):
                found.setdefault(task["service"], set()).add(task["taskDefinition"])
        return found

    def deploy(self, name: str) -> None:
        self.stack.run(ASK.format(name=name))
        wait_for(lambda: self.ended(name))

    def ended(self, name: str) -> tuple[str, str] | None:
        ended = self.stack.query(
            "SELECT e.name, d.status, d.status_reason FROM deployments_deployment d "
            "JOIN deployments_environment e ON e.id = d.environment_id WHERE d.finished_at IS NOT NULL"
        )
        return next(((str(status), str(reason)) for own, status, reason in ended if own == name), None)

    def _register(self, family: str, more: dict[str, Any]) -> str:
        passed = {name: value for name, value in self.stack.environment.items() if name.startswith("AWS_")}
        passed |= {name: self.stack.environment[name] for name in PASSED_ON}
        passed |= {"WEB_WORKERS": "1", "QUEUE_WORKERS": "2"}
        container = {
            "name": "tealgate",
            "image": f"{ECR_HOST}/tealgate:1",
            "essential": True,
            "environment": [{"name": name, "value": value} for name, value in passed.items()],
            **more,
        }
        registered = self.client("ecs").register_task_definition(
            family=family,
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            executionRoleArn=self.world["roles"]["execution"],
            containerDefinitions=[container],
        )
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def _service(self, name: str, definition: str, count: int, group: str = "") -> None:
        balanced = {
            "loadBalancers": [{"targetGroupArn": group, "containerName": "tealgate", "containerPort": 8000}],
            # A real gunicorn takes seconds to start, which the sandbox's clock makes minutes.
            "healthCheckGracePeriodSeconds": 1200,
        }
        self.client("ecs").create_service(
            cluster=CLUSTER,
            serviceName=name,
            taskDefinition=definition,
            desiredCount=count,
            launchType="FARGATE",
            networkConfiguration=network_configuration(self.world["network"]),
            **(balanced if group else {}),
        )


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Own]:
    with Stack(tmp_path, scale=20, queue_workers=2, log_level="INFO", forked=True) as stack:
        made = Own(stack)
        wait_for(lambda: answers(f"{made.url}/healthz"))
        made.client("ecs").get_waiter("services_stable").wait(
            cluster=CLUSTER, services=["tealgate-blue", "tealgate-green", "tealgate-worker"], WaiterConfig={"Delay": 1}
        )
        names = {"region": REGION, "cluster": CLUSTER, "repository": f"{ECR_HOST}/tealgate"}
        stack.run(SET_UP.format(**names, blue=made.blue, green=made.green, rule=made.rule, url=made.url))
        stack.stop("web")
        stack.stop("worker")
        yield made


def test_web_and_worker_replace_themselves_and_nobody_notices(own: Own) -> None:
    with Traffic(f"{own.url}/healthz", rate=10) as health, Traffic(f"{own.url}/login/", rate=2) as page:
        own.deploy("worker")  # the order of docs/upgrading.md
        own.deploy("web")
        wait_for(lambda: "tealgate-blue" not in own.tasks())

    for name in ("web", "worker"):
        status, reason = own.ended(name) or ("", "")
        assert status == "SUCCESSFUL", reason
    assert own.tasks() == {"tealgate-green": {"tealgate-web:2"}, "tealgate-worker": {"tealgate-worker:2"}}
    assert (health.lost, page.lost) == (0, 0)
    assert (set(health.statuses), set(page.statuses)) == ({200}, {200})
    told = own.stack.query("SELECT deployment_id, kind, message FROM deployments_event WHERE kind LIKE 'aws.%'")
    assert sorted(told) == sorted(set(told)), "a write was told of twice"
    own.stack.manage("verify_events")
