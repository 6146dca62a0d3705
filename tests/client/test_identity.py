"""A job without a secret, from its CI's ID token to its deployment, with Tealgate's own exchange."""

import json
from pathlib import Path

import pytest
from django.utils import timezone

from deployments.catalog.models import Trust
from deployments.delivery.models import Deployment
from tests.api.test_oidc import issuer, trust
from tests.client.conftest import Server, Tealgate
from tests.delivery.engine.world import World
from tests.fakes.issuer import Issuer

__all__ = ["issuer", "trust"]

DEPLOY = ("deploy", "shop/production", "1.1.0", "--no-wait")


@pytest.fixture
def gitlab(server: Server, trust: Trust, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    for name, value in {"GITLAB_CI": "true", "CI_PIPELINE_ID": "8", "CI_COMMIT_SHA": "2" * 40}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TEALGATE_ID_TOKEN", issuer.token(timezone.now()))
    return issuer


def test_a_job_deploys_and_goes_on_when_its_token_ends(
    world: World, server: Server, typed: Tealgate, gitlab: Issuer, tmp_path: Path
) -> None:
    assert typed(*DEPLOY).code == 0
    (kept,) = (tmp_path / "tealgate").iterdir()
    kept.write_text(json.dumps(json.loads(kept.read_text()) | {"expires_at": timezone.now().isoformat()}))

    assert "was asked for by this run before" in typed(*DEPLOY).out
    exchanges = [headers.get("Authorization", "") for _, path, headers in server.asked if path.endswith("/oidc/token")]
    assert [each[:16] for each in exchanges] == ["", "Bearer tealgate_"]
    assert Deployment.objects.get().requester.startswith("administrator, by CI: shop/storefront")


def test_a_job_whose_id_token_fits_no_trust_is_told_which_claim(
    world: World, typed: Tealgate, gitlab: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEALGATE_ID_TOKEN", gitlab.token(timezone.now(), repository="shop/other"))

    done = typed(*DEPLOY)
    assert done.code == 2
    assert "repository is shop/other." in done.err


def test_somebody_who_has_only_seen_an_id_token_is_refused(
    world: World, typed: Tealgate, gitlab: Issuer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typed(*DEPLOY)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))

    done = typed(*DEPLOY)
    assert done.code == 2
    assert "exchanged before" in done.err
