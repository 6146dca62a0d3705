"""HTTPS listeners: the certificate that a client gets, who may not be given one, and where plain HTTP is sent."""

import http.client
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.codedeploy import traffic
from tests.certificates import Pem, issue, trusting
from tests.sandbox.load_balancing import Balanced, balanced, weighted

SHOP, ADMIN, ANY = issue("shop.example.com"), issue("admin.example.com"), issue("*.example.com")
FOUND = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain"}}]


@pytest.fixture
def world() -> Iterator[Balanced]:
    with balanced() as running:
        yield running


def imported(world: Balanced, pem: Pem) -> str:
    made = world.client("acm").import_certificate(Certificate=pem.certificate, PrivateKey=pem.key)
    return str(made["CertificateArn"])


def secure(world: Balanced, certificate: str, actions: list[dict[str, Any]] = FOUND) -> str:
    made = world.elbv2.create_listener(
        LoadBalancerArn=world.load_balancer(),
        Protocol="HTTPS",
        Port=8443,
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=actions,
    )
    return str(made["Listeners"][0]["ListenerArn"])


def shown(world: Balanced, listener: str, name: str | None) -> bytes:
    """The certificate that whoever asks for this name gets, whether or not it is the right one."""
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", world.local_port(listener)), timeout=10) as plain,
        anybody.wrap_socket(plain, server_hostname=name) as connection,
    ):
        given = connection.getpeercert(binary_form=True)
    assert given is not None
    return ssl.DER_cert_to_PEM_cert(given).encode()


def test_whoever_trusts_the_certificate_is_let_through_to_a_target_and_nobody_else(world: Balanced) -> None:
    group = world.target_group("web")
    target = world.serving(group, "web")
    listener = secure(world, imported(world, SHOP), weighted((group, 1)))
    world.wait_for(group, "healthy")
    port = world.local_port(listener)

    with urllib.request.urlopen(f"https://127.0.0.1:{port}/", context=trusting(SHOP.certificate)) as answer:
        assert answer.read() == b"web"
    assert (target.seen[0]["X-Forwarded-Proto"], target.seen[0]["X-Forwarded-Port"]) == ("https", "8443")
    assert world.balancers.listeners()[0]["Url"] == f"https://127.0.0.1:{port}"
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(f"https://127.0.0.1:{port}/", context=trusting(ADMIN.certificate))
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        world.get(listener)


def test_a_client_gets_the_certificate_of_the_name_it_asks_for(world: Balanced) -> None:
    first, second, wildcard = (imported(world, pem) for pem in (SHOP, ADMIN, ANY))
    listener = secure(world, first)
    more = [{"CertificateArn": second}, {"CertificateArn": wildcard}]
    for _ in range(2):
        world.elbv2.add_listener_certificates(ListenerArn=listener, Certificates=more)

    assert shown(world, listener, "shop.example.com") == SHOP.certificate
    assert shown(world, listener, "ADMIN.example.com") == ADMIN.certificate
    assert shown(world, listener, "blog.example.com") == ANY.certificate
    assert shown(world, listener, "a.blog.example.com") == SHOP.certificate
    assert shown(world, listener, None) == SHOP.certificate
    described = world.elbv2.describe_listener_certificates(ListenerArn=listener)["Certificates"]
    assert [(each["CertificateArn"], each["IsDefault"]) for each in described] == [
        (first, True),
        (second, False),
        (wildcard, False),
    ]
    seen = world.elbv2.describe_listeners(ListenerArns=[listener])["Listeners"][0]
    assert seen["Certificates"] == [{"CertificateArn": first}]


def test_a_new_default_is_shown_from_now_on_and_leaves_the_others(world: Balanced) -> None:
    first, second, third = (imported(world, pem) for pem in (SHOP, ADMIN, ANY))
    listener = secure(world, first)
    world.elbv2.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": second}])

    world.elbv2.modify_listener(ListenerArn=listener, Certificates=[{"CertificateArn": third}])
    world.elbv2.modify_listener(ListenerArn=listener, DefaultActions=FOUND)

    assert shown(world, listener, None) == ANY.certificate
    assert shown(world, listener, "admin.example.com") == ADMIN.certificate
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        world.elbv2.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": third}])
    world.elbv2.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": second}])
    assert shown(world, listener, "admin.example.com") == ANY.certificate


def test_a_listener_becomes_secure_and_plain_again_where_it_is(world: Balanced) -> None:
    listener = world.listener(world.load_balancer(), FOUND)
    port = world.local_port(listener)

    world.elbv2.modify_listener(
        ListenerArn=listener, Protocol="HTTPS", Certificates=[{"CertificateArn": imported(world, SHOP)}]
    )
    assert world.local_port(listener) == port
    assert shown(world, listener, None) == SHOP.certificate
    world.elbv2.modify_listener(ListenerArn=listener, Protocol="HTTP")

    assert world.local_port(listener) == port
    assert world.get(listener)[0] == 200
    assert not world.elbv2.describe_listeners(ListenerArns=[listener])["Listeners"][0].get("Certificates")


def test_a_change_that_is_refused_leaves_the_certificates(world: Balanced) -> None:
    certificate = imported(world, SHOP)
    listener = secure(world, certificate)
    balancer = world.elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    world.elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=FOUND)

    with pytest.raises(ClientError, match="DuplicateListener"):
        world.elbv2.modify_listener(ListenerArn=listener, Protocol="HTTP", Port=80)

    seen = world.elbv2.describe_listeners(ListenerArns=[listener])["Listeners"][0]
    assert (seen["Protocol"], seen["Certificates"]) == ("HTTPS", [{"CertificateArn": certificate}])
    assert shown(world, listener, None) == SHOP.certificate


def test_a_certificate_of_iam_does_as_well(world: Balanced) -> None:
    made = world.client("iam").upload_server_certificate(
        ServerCertificateName="shop", CertificateBody=SHOP.certificate.decode(), PrivateKey=SHOP.key.decode()
    )

    listener = secure(world, made["ServerCertificateMetadata"]["Arn"])

    assert shown(world, listener, None) == SHOP.certificate


def test_a_certificate_that_is_not_there_is_refused(world: Balanced) -> None:
    elsewhere = imported(world, SHOP).replace("eu-west-1", "us-east-1")
    for arn in (elsewhere, "arn:aws:iam::123456789012:server-certificate/nobody"):
        with pytest.raises(ClientError, match="CertificateNotFound"):
            secure(world, arn)
    with pytest.raises(ClientError, match="exactly one certificate"):
        world.elbv2.create_listener(
            LoadBalancerArn=world.load_balancer(), Protocol="HTTPS", Port=443, DefaultActions=FOUND
        )


def test_plain_requests_are_sent_to_the_secure_listener(world: Balanced) -> None:
    listener = secure(world, imported(world, SHOP))
    balancer = world.elbv2.describe_load_balancers()["LoadBalancers"][0]["LoadBalancerArn"]
    redirect = {"Protocol": "HTTPS", "Port": str(world.local_port(listener)), "StatusCode": "HTTP_301"}
    plain = world.listener(balancer, [{"Type": "redirect", "RedirectConfig": redirect}])

    address = f"http://127.0.0.1:{world.local_port(plain)}/cart"
    with urllib.request.urlopen(address, context=trusting(SHOP.certificate)) as answer:
        assert (answer.status, answer.url) == (200, f"https://127.0.0.1:{world.local_port(listener)}/cart")


def test_codedeploy_writes_the_weights_of_a_secure_listener(world: Balanced) -> None:
    """Its own calls name no certificate, as nobody's do who only shifts traffic."""
    blue, green = world.target_group("blue"), world.target_group("green")
    listener = secure(world, imported(world, SHOP), weighted((blue, 1)))

    traffic.write_weights(listener, {blue: 0, green: 1})

    assert traffic.forwards(listener) == {blue: 0, green: 1}
    assert shown(world, listener, None) == SHOP.certificate
