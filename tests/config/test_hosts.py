"""Addresses of a task from real metadata servers on loopback, and health checks as a load balancer makes them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from config import hosts
from tests.config.metadata_server import Metadata, serving

TASK, TOKEN_PATH = "/v4/abc", "/latest/api/token"
IPV4, IPV6 = "/latest/meta-data/local-ipv4", "/latest/meta-data/ipv6"
INSTANCE = {IPV4: "10.0.1.7", IPV6: "2600:1f18::7"}
NOWHERE = Path("/nonexistent/sys_vendor")


def task(mode: str = "awsvpc", **addresses: list[str]) -> str:
    network = {"NetworkMode": mode, "AttachmentIndex": 0, **addresses}
    return json.dumps({"DockerId": "abc", "Name": "web", "Networks": [network]})


def on_ecs(metadata: Metadata, **more: str) -> dict[str, str]:
    return {"ECS_CONTAINER_METADATA_URI_V4": f"{metadata.url}{TASK}", **more}


def on_ec2(metadata: Metadata, **more: str) -> dict[str, str]:
    return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.url, **more}


def own_hosts(environ: dict[str, str]) -> list[str]:
    return hosts.own_hosts(environ, NOWHERE)


def test_a_task_with_an_address_of_its_own_is_known_by_it() -> None:
    with serving(**{TASK: task(IPv4Addresses=["10.0.2.106"])}) as metadata:
        assert own_hosts(on_ecs(metadata)) == ["10.0.2.106"]


def test_ipv6_addresses_are_hosts_in_brackets() -> None:
    answer = task(IPv4Addresses=["10.0.2.106"], IPv6Addresses=["2600:1F18:0:0::6A"])

    with serving(**{TASK: answer}) as metadata:
        assert own_hosts(on_ecs(metadata)) == ["10.0.2.106", "[2600:1f18::6a]"]


def test_a_task_with_an_address_of_its_own_asks_no_instance() -> None:
    with serving(**{TASK: task(IPv4Addresses=["10.0.2.106"]), **INSTANCE}) as metadata:
        own_hosts(on_ecs(metadata, AWS_EXECUTION_ENV="AWS_ECS_EC2") | on_ec2(metadata))

        assert metadata.asked == [f"GET {TASK}"]


def test_a_task_in_a_bridge_network_is_known_by_its_instance_too() -> None:
    with serving(**{TASK: task("bridge", IPv4Addresses=["172.17.0.2"]), **INSTANCE}) as metadata:
        assert own_hosts(on_ecs(metadata) | on_ec2(metadata)) == ["172.17.0.2", "10.0.1.7", "[2600:1f18::7]"]


def test_an_instance_is_asked_with_a_token_only() -> None:
    with serving(**INSTANCE) as metadata:
        assert own_hosts(on_ec2(metadata)) == ["10.0.1.7", "[2600:1f18::7]"]
        assert metadata.asked == [f"PUT {TOKEN_PATH}", f"GET {IPV4}", f"GET {IPV6}"]


def test_an_instance_without_ipv6_is_known_by_the_other_address() -> None:
    with serving(**{IPV4: "10.0.1.7"}) as metadata:
        assert own_hosts(on_ec2(metadata)) == ["10.0.1.7"]


@pytest.mark.parametrize(
    ("environ", "maker", "expected"),
    [
        ({}, "QEMU\n", False),
        ({}, "Amazon EC2\n", True),
        ({"AWS_EXECUTION_ENV": "AWS_ECS_FARGATE"}, "Amazon EC2\n", False),
        ({"AWS_EXECUTION_ENV": "AWS_ECS_EC2"}, "", True),
        ({"AWS_EXECUTION_ENV": "AWS_ECS_EC2", "AWS_EC2_METADATA_DISABLED": "True"}, "Amazon EC2\n", False),
    ],
)
def test_only_ec2_has_instances(environ: dict[str, str], maker: str, expected: bool, tmp_path: Path) -> None:
    file = tmp_path / "sys_vendor"
    file.write_text(maker)

    assert hosts._is_on_ec2(environ, file) is expected


def test_elsewhere_nothing_is_asked_and_start_is_no_slower() -> None:
    began = time.perf_counter()
    found = [hosts.own_hosts({}, NOWHERE) for _ in range(100)]

    assert found == [[]] * 100
    assert (time.perf_counter() - began) / 100 < 0.005


def hang(handler: Any) -> None:
    """A hop limit of 1: the answer to the PUT is on its way and never arrives."""
    OVER[-1].over.wait(10)


def dribble(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n")
    while not OVER[-1].over.wait(0.05):
        handler.wfile.write(b"1")


OVER: list[Metadata] = []


@pytest.mark.parametrize("answer", [hang, dribble])
def test_an_answer_that_does_not_arrive_costs_a_second_at_most(
    answer: Callable[[Any], None],
) -> None:
    with serving(**{TOKEN_PATH: answer, **INSTANCE}) as metadata:
        OVER.append(metadata)
        began = time.monotonic()

        assert hosts.own_hosts(on_ec2(metadata), NOWHERE, seconds=0.3) == []
        assert 0.29 < time.monotonic() - began < 5, "it would take for ever"


def test_the_time_allowed_is_a_second() -> None:
    assert hosts.SECONDS <= 1


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"Networks": null}',
        '{"Networks": ["awsvpc"]}',
        '{"Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": 7}]}',
        '{"Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": ["*", ".example.com", "10.0.0.0/8", null]}]}',
        b"\xff\xfe",
        lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n"),
        lambda handler: handler.wfile.write(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"),
        lambda handler: None,
    ],
    ids=range(12),
)
def test_malformed_answers_of_the_task_add_no_host(answer: Any) -> None:
    with serving(**{TASK: answer}) as metadata:
        assert own_hosts(on_ecs(metadata)) == []


@pytest.mark.parametrize("answer", ["<html>Sign in</html>", "*", "", "10.0.1.7, 10.0.1.8"])
def test_malformed_addresses_of_the_instance_add_no_host(answer: str) -> None:
    with serving(**{IPV4: answer}) as metadata:
        assert own_hosts(on_ec2(metadata)) == []


@pytest.mark.parametrize("token", ["two\r\nlines: 1", "é", ""])
def test_a_malformed_token_is_not_sent_on_as_headers(token: str) -> None:
    with serving(**{TOKEN_PATH: token, **INSTANCE}) as metadata:
        assert own_hosts(on_ec2(metadata)) == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9", "ftp://127.0.0.1/", "http://", "http://[", "127.0.0.1", "http://h:x"]
)
def test_a_metadata_service_that_is_not_there_is_passed_over(url: str) -> None:
    environ = {"ECS_CONTAINER_METADATA_URI_V4": url, "AWS_EC2_METADATA_SERVICE_ENDPOINT": url}

    assert own_hosts(environ) == []


@pytest.fixture
def production(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["tealgate.example.com"]
    settings.SECURE_SSL_REDIRECT = True


def as_load_balancer(client: Client, path: str) -> Any:
    return client.get(path, headers={"host": "10.0.2.106:8080", "user-agent": "ELB-HealthChecker/2.0"})


def test_a_load_balancer_finds_a_task_healthy_by_its_address(client: Client, production: None) -> None:
    """And not by the database, which this test may not use."""
    answer = as_load_balancer(client, "/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.parametrize("path", ["/", "/healthz/", "/healthz/x", "/Healthz", "/login/", "/metrics", "/readyz"])
def test_every_other_path_refuses_hosts_that_nobody_named(path: str, client: Client, production: None) -> None:
    assert as_load_balancer(client, path).status_code == 400


def test_only_reading_is_answered_to_any_host(client: Client, production: None) -> None:
    host = {"host": "10.0.2.106"}

    assert client.head("/healthz", headers=host).status_code == 200
    assert client.post("/healthz", headers=host).status_code == 400


def test_the_health_check_is_first_in_line(settings: Settings) -> None:
    assert settings.MIDDLEWARE[0] == "config.hosts.health_check"


def test_a_user_s_own_application_can_copy_the_file(tmp_path: Path) -> None:
    """Nothing of Tealgate is on the path of this process, only Django and the copy."""
    (tmp_path / "hosts.py").write_text(Path(hosts.__file__).read_text())
    (tmp_path / "urls.py").write_text("urlpatterns = []")
    program = """
import sys
sys.path.insert(0, sys.argv[1])
import hosts
from django.conf import settings
settings.configure(ALLOWED_HOSTS=["shop.example.com", *hosts.own_hosts()],
    ROOT_URLCONF="urls", SECURE_SSL_REDIRECT=True,
    MIDDLEWARE=["hosts.health_check", "django.middleware.security.SecurityMiddleware"])
import django
django.setup()
from django.test import Client
print(*(Client().get(path, headers={"host": "10.0.2.106"}).status_code for path in ("/healthz", "/")))
print([name for name in sys.modules if name.startswith(("config", "deployments"))])
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path, timeout=30
    )

    assert done.stdout == "200 400\n[]\n", done.stderr
