import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore import xform_name

from deployments.aws import actions, credentials_seen, errors, models, observing, sessions
from deployments.aws.sessions import connect
from deployments.aws.values import Binding

ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/deployer/tealgate</Arn>
<AssumedRoleId>A:tealgate</AssumedRoleId></AssumedRoleUser>
<Credentials><AccessKeyId>ASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""


class Aws:
    """Just enough of an AWS endpoint: `answers` by operation; every request is in `seen`."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.answers: dict[str, tuple[int, str]] = {
            "AssumeRole": (200, ASSUMED),
            "DescribeServices": (200, '{"services": [], "failures": []}'),
            "UpdateService": (200, "{}"),
        }

    def count(self, operation: str) -> int:
        return Counter(name for name, _, _ in self.seen)[operation]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    aws = Aws()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:  # noqa: N802
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            target = self.headers.get("X-Amz-Target", "")
            form = {key: value[0] for key, value in parse_qs(body).items()}
            operation = target.rsplit(".", 1)[-1] or form["Action"]
            signer = self.headers["Authorization"].split("Credential=")[1].split("/")[0]
            aws.seen.append((operation, signer, form))
            status, answer = aws.answers[operation]
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    monkeypatch.setattr(sessions, "_gateways", {})
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    yield aws
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def in_tokyo() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


OWN = Binding(region="eu-central-1")
ROLE = "arn:aws:iam::123456789012:role/deployer"


def test_one_binding_has_one_gateway(aws: Aws) -> None:
    assert connect(OWN) is connect(Binding(region="eu-central-1"))
    assert connect(OWN) is not connect(Binding(region="eu-west-1"))


def test_without_a_role_our_own_credentials_sign(aws: Aws) -> None:
    connect(OWN).services("shop", ["shop-blue"])

    assert [signer for _, signer, _ in aws.seen] == ["OWN"]


def test_a_role_is_assumed_once_with_its_external_id(aws: Aws) -> None:
    gateway = connect(Binding(region="eu-central-1", role_arn=ROLE, external_id="tenant-7"))

    gateway.services("shop", ["shop-blue"])
    gateway.perform(actions.UpdateService(cluster="shop", service="shop-blue", desired=1))

    assert [(name, signer) for name, signer, _ in aws.seen] == [
        ("AssumeRole", "OWN"),
        ("DescribeServices", "ASSUMED"),
        ("UpdateService", "ASSUMED"),
    ]
    form = aws.seen[0][2]
    assert (form["RoleArn"], form["ExternalId"]) == (ROLE, "tenant-7")
    assert (form["RoleSessionName"], form["DurationSeconds"]) == ("tealgate", "3600")


def test_a_role_without_external_id_sends_none(aws: Aws) -> None:
    connect(Binding(region="eu-central-1", role_arn=ROLE)).services("shop", ["shop-blue"])

    assert "ExternalId" not in aws.seen[0][2]


def test_a_role_that_cannot_be_assumed_is_denied(aws: Aws) -> None:
    refusal = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
    aws.answers["AssumeRole"] = (403, refusal)

    with pytest.raises(errors.Denied) as caught:
        connect(Binding(region="eu-central-1", role_arn=ROLE)).services("shop", ["shop-blue"])
    assert caught.value.operation == "AssumeRole"


def test_reads_are_tried_three_times(aws: Aws) -> None:
    aws.answers["DescribeServices"] = (500, "{}")

    with pytest.raises(errors.Unavailable):
        connect(OWN).services("shop", ["shop-blue"])
    assert aws.count("DescribeServices") == 3


def test_writes_are_sent_once(aws: Aws) -> None:
    aws.answers["UpdateService"] = (500, "{}")

    with pytest.raises(errors.Unavailable):
        connect(OWN).perform(actions.UpdateService(cluster="shop", service="shop-blue", desired=1))
    assert aws.count("UpdateService") == 1


@pytest.mark.parametrize("said", [1772442000.5, "2026-03-02T09:00:00.500Z", "2026-03-02T18:00:00.500+09:00"])
def test_times_are_utc_whatever_zone_this_machine_is_in(aws: Aws, in_tokyo: None, said: Any) -> None:
    aws.answers["DescribeServices"] = (200, json.dumps({"services": [{"createdAt": said}]}))

    answer = sessions.Clients(OWN).client("ecs", writes=False).describe_services(cluster="shop", services=["shop-blue"])

    moment = answer["services"][0]["createdAt"]
    assert (moment.isoformat(), moment.utcoffset()) == ("2026-03-02T09:00:00.500000+00:00", timedelta(0))


def test_observers_see_every_attempt(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, str, float]] = []
    monkeypatch.setattr(observing, "observers", [lambda *each: seen.append(each)])
    throttled = json.dumps({"__type": "ThrottlingException", "message": "Rate exceeded"})
    aws.answers["DescribeServices"] = (400, throttled)
    gateway = connect(Binding(region="eu-central-1", role_arn=ROLE))

    with pytest.raises(errors.Throttled):
        gateway.services("shop", ["shop-blue"])
    gateway.perform(actions.UpdateService(cluster="shop", service="shop-blue", desired=1))

    outcomes = [(operation, outcome) for operation, outcome, _ in seen]
    assert outcomes == [("AssumeRole", "ok"), *[("DescribeServices", "throttled")] * 3, ("UpdateService", "ok")]
    assert all(0 <= seconds < 10 for _, _, seconds in seen)


def test_a_machine_without_credentials_is_told_so(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")

    with pytest.raises(errors.Denied, match="no AWS credentials"):
        connect(OWN)


@pytest.mark.parametrize("says", ["500", "nothing"])
def test_a_task_whose_credentials_do_not_come_asks_again(says: str, aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither is remembered: the next pass asks anew."""
    port = int(os.environ["AWS_ENDPOINT_URL"].rsplit(":", 1)[1])
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    if says == "500":  # the stand-in has no GET
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{port}/credentials")
        monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
    else:  # nobody listens there
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1")

    with pytest.raises(errors.Unavailable, match="GetCredentials"):
        connect(OWN)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWN")
    assert connect(OWN).services("shop", ["shop-blue"]) == {}


def test_a_forked_child_makes_its_own_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "OWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    ours = connect(OWN)
    readable, writable = os.pipe()

    # A lock that is held while forking must not hang the child.
    with sessions._lock:
        child = os.fork()
        if child == 0:
            os.write(writable, b"other" if connect(OWN) is not ours else b"same")
            os._exit(0)

    os.close(writable)
    with os.fdopen(readable) as answer:
        assert answer.read() == "other"
    os.waitpid(child, 0)


def test_threads_share_one_gateway(aws: Aws) -> None:
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(connect(OWN))) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(map(id, found))) == 1


@pytest.mark.parametrize("region", ["eu central 1", "us-east-1.example.com", "us-east-1/x"])
@pytest.mark.parametrize("role", ["", "arn:aws:iam::123456789012:role/deployer"])
def test_a_region_that_is_none_is_said(aws: Aws, region: str, role: str) -> None:
    """People type it; what they typed must not become another host."""
    with pytest.raises(errors.Invalid, match="doesn't match a supported format"):
        connect(Binding(region=region, role_arn=role)).services("shop", ["web"])

    assert aws.seen == []


def test_clients_of_a_forked_worker_are_made_from_what_was_read_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    loader = models.loader()
    monkeypatch.setattr(sessions, "_models", loader)
    read_file, found = loader.file_loader.load_file, []

    def load_file(path: str) -> Any:
        content = read_file(path)
        if content is not None:
            found.append(path)
        return content

    sessions.read_models()
    monkeypatch.setattr(loader.file_loader, "load_file", load_file)
    clients = sessions.Clients(Binding(region="us-east-1"))
    for service, operations in models.OPERATIONS.items():
        client = clients.client(service, writes=False)
        paged = {operation for operation in operations if client.can_paginate(xform_name(operation))}
        assert paged or service not in ("codedeploy", "ec2", "ecs")

    assert found == []
    clients.client("sso", writes=False)
    assert found != []


def test_workers_hear_which_roles_are_refused_and_which_are_given(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials_seen, "_listens", True)
    credentials_seen.taken()
    denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
    given, refused = (f"arn:aws:iam::123456789012:role/{name}" for name in ("given", "refused"))

    connect(Binding(region="eu-central-1", role_arn=given)).services("shop", ["web"])
    aws.answers["AssumeRole"] = (403, denied)
    with pytest.raises(errors.Denied):
        connect(Binding(region="eu-central-1", role_arn=refused)).services("shop", ["web"])

    heard = credentials_seen.taken()
    assert heard[given] == "" and heard[refused].startswith("AWS answered AssumeRole with AccessDenied")
    assert set(heard) == {given, refused}
