"""A smoke check that is proposed with an environment read from AWS: shown with its preflight, then kept."""

import pytest
from django.contrib.auth.models import User

from deployments.catalog import discovery
from deployments.catalog.models import Environment
from deployments.people import roles
from tests.admin.conftest import Browser
from tests.admin.test_environments import ALONE
from tests.delivery.engine.world import World
from tests.fakes.aws import SHOP


def test_it_is_shown_with_its_preflight_and_kept_by_one_click(
    aws: World, browse: Browser, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "connect", lambda binding: aws.aws)
    aws.aws.https.add(SHOP.production_rule.rsplit("/", 1)[0].replace(":listener-rule/", ":listener/"))
    roles.ensure_roles()
    Environment.objects.update(**ALONE)
    like, client, page = aws.environment, browse(administrator), "/deployments/environment/discover/"
    where = {"application": like.application_id, "name": "found", "region": like.region, "see": "",
             "chosen": f"service:{like.cluster}/{like.blue_service}"}  # fmt: skip

    looked = client.post(page, where).content.decode()
    client.post(page, {**where, "keep": "1"})

    asked = "GET /health with X-Forwarded-Proto: https, has to answer 200."
    assert f"so a smoke check is proposed that says what production&#x27;s would: {asked}" in looked
    assert f"are sent to http://shop.elb.example:81: {asked}" in looked
    found = Environment.objects.get(name="found")
    assert (found.test_url, found.smoke_checks.get().headers) == (
        "http://shop.elb.example:81", "X-Forwarded-Proto: https",
    )  # fmt: skip
