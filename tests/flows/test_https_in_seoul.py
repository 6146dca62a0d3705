"""Each controller swaps behind HTTPS, in another region than everything else here, and goes back there: who has the
listener's certificate checked, by name, loses no request, and neither does who comes over plain HTTP first. The release
is checked under production's name: what listens for tests knows no other.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from deployments.aws import sessions
from deployments.catalog.models import Environment, ReleaseImage
from deployments.delivery import approvals, turning_back
from deployments.delivery.models import Deployment
from deployments.outbound import wire
from deployments.people.principal import Principal
from deployments.vocabulary import Controller, Status
from sandbox.account import ACCOUNT
from sandbox.server import Sandbox
from tests.certificates import trusting
from tests.flows.conftest import EPHEMERAL, SCALE
from tests.flows.secured import Certificates, front_door, know_one_name, listening, secure
from tests.flows.storefront import Storefront, now
from tests.flows.traffic import Traffic
from tests.settled import settle
from tests.stack import wait_for

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
SEOUL = "ap-northeast-2"
#: Who shifts the traffic of the demo's application, and which ports are not the storefront's.
SHOPS = {
    Controller.SERVICE_PAIR: ("storefront", "CANARY"),
    Controller.ROLLING: ("legacy-api", "ROLLING"),
    Controller.ECS: ("payments", "CANARY"),
    Controller.CODE_DEPLOY: ("catalog", "GROUP_CONFIG"),
}


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return Certificates()


@pytest.fixture(scope="module")
def sandbox(certificates: Certificates) -> Iterator[Sandbox]:
    slugs = [slug for slug, _ in SHOPS.values()]
    with Sandbox(scale=2 * SCALE, listener_ports=EPHEMERAL, applications=slugs, region=SEOUL) as running:
        secure(running, certificates)
        yield running


@pytest.fixture
def trusted(certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What Tealgate's own checks of a release believe: the default certificate, for the address that they ask."""
    (tmp_path / "authorities.pem").write_bytes(certificates.default.certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authorities.pem"))
    wire.tls.cache_clear()
    yield
    wire.tls.cache_clear()


@pytest.fixture
def shop(
    request: pytest.FixtureRequest,
    sandbox: Sandbox,
    gateways: dict[Any, Any],
    trusted: None,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Storefront:
    for name, value in {"ENDPOINT_URL": sandbox.url, "ACCESS_KEY_ID": "flows", "SECRET_ACCESS_KEY": "flows"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setattr(sessions, "_gateways", gateways)
    settings.DEMO = True
    settle(sandbox)
    slug, _ = SHOPS[request.param]
    here = f"{sandbox.url}/_sandbox"
    call_command("seed_demo", world=f"{here}/world", listeners=f"{here}/listeners", slugs=[slug])
    Environment.objects.update(canary_bake_seconds=2, bake_seconds=1, termination_wait_seconds=2, min_requests=5)
    shop = Storefront(sandbox, Environment.objects.get(application__slug=slug, name="production"))
    if shop.environment.test_url:
        know_one_name(sandbox, shop.environment.test_url)
        shop.environment.smoke_checks.update(headers="Host: shop.example.com", follow_redirects=True)
    return shop


def _go(shop: Storefront, deployment: Deployment, until: Callable[[], object] = lambda: False) -> None:
    """To its end, unless something is so before. Whoever is asked says yes."""
    while not shop.go(deployment, lambda d: d.is_terminal or d.gates.open().exists() or until()).is_terminal:
        if until():
            return
        for gate in deployment.gates.open():
            approvals.approve(gate=gate, principal=Principal.person(shop.approver), comment="looks good", now=now())


@pytest.mark.parametrize("shop", SHOPS, indirect=True)
def test_a_release_goes_out_over_https_in_another_region(shop: Storefront, certificates: Certificates) -> None:
    environment = shop.environment
    _, strategy = SHOPS[Controller(environment.controller)]
    assert (environment.region, environment.production_url[:5]) == (SEOUL, "https")
    tls = trusting(certificates.named.certificate)
    plain = front_door(shop.sandbox, environment.production_url)

    with (
        Traffic(environment.production_url, tls=tls, name="shop.example.com") as direct,
        Traffic(plain, rate=10, tls=tls, name="shop.example.com") as redirected,
    ):
        deployment = shop.deploy("1.1.0", strategy)
        _go(shop, deployment)

    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    for traffic in (direct, redirected):
        assert (traffic.lost, set(traffic.versions)) == (0, {"1.0.0", "1.1.0"}), traffic.failures
    image = ReleaseImage.objects.get(release=deployment.release).pinned
    assert image.startswith(f"{ACCOUNT}.dkr.ecr.{SEOUL}.amazonaws.com/")
    if strategy != "ROLLING":
        assert {each["ok"] for gate in deployment.gates.all() for each in gate.evidence.get("smoke", [])} == {True}


@pytest.mark.parametrize("shop", SHOPS, indirect=True)
def test_a_release_is_turned_back_over_https_in_another_region(shop: Storefront, certificates: Certificates) -> None:
    environment, source = shop.environment, shop.environment.live_release
    assert source is not None
    strategy = {Controller.ROLLING: "ROLLING", Controller.CODE_DEPLOY: "Canary10Percent15Minutes"}.get(
        Controller(environment.controller), "CANARY"
    )
    Environment.objects.update(canary_bake_seconds=600)  # five seconds where AWS bakes
    version = "1.1.0" if source.version == "1.0.0" else "1.0.0"
    tls, before = trusting(certificates.named.certificate), listening(shop.sandbox)

    with Traffic(environment.production_url, tls=tls, name="shop.example.com") as traffic:
        deployment = shop.deploy(version, strategy)
        _go(shop, deployment, until=lambda: version in traffic.versions)
        turning_back.roll_back(deployment=deployment, principal=Principal.person(shop.manager), now=now())
        shop.finish(deployment)
    with Traffic(environment.production_url, tls=tls, name="shop.example.com") as afterwards:
        wait_for(lambda: afterwards.sent >= 20)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (traffic.lost, afterwards.lost) == (0, 0), traffic.failures
    assert set(afterwards.versions) == {source.version}
    assert {len(certificates) for protocol, certificates, _ in before.values() if protocol == "HTTPS"} == {2}
    assert listening(shop.sandbox) == before
    environment.refresh_from_db()
    assert environment.live_release == source
    if strategy == "Canary10Percent15Minutes":
        assert "rolled it back by d-" in deployment.status_reason
