import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest

from deployments.outbound.webhook import post
from tests.outbound.web_server import Web, serving

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_webhook_is_posted_as_json_and_signed() -> None:
    with serving(Web(answers={"/hook": (204, {}, b"")})) as web:
        result = post(web.url + "/hook", {"deployment": 7}, now=NOW, secret="shared")

    (_, headers, body) = web.seen[0]
    expected = hmac.new(b"shared", headers["x-tealgate-timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert result.ok and result.sentence == f"Webhook delivered to {result.path}."
    assert result.path == web.url.removeprefix("http://")
    assert json.loads(body) == {"deployment": 7}
    assert headers["x-tealgate-timestamp"] == str(int(NOW.timestamp()))
    assert headers["x-tealgate-signature"] == f"sha256={expected}"


def test_a_webhook_without_secret_is_not_signed() -> None:
    with serving(Web(answers={"/": (200, {}, b"")})) as web:
        post(web.url, {})

    assert "x-tealgate-signature" not in web.seen[0][1]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_anything_but_2xx_is_a_refusal(status: int) -> None:
    with serving(Web(answers={"/hook-SECRET": (status, {"Location": "/"}, b"")})) as web:
        result = post(web.url + "/hook-SECRET", {}, now=NOW)

    assert (result.ok, result.status) == (False, status)
    assert f"HTTP {status}" in result.sentence and "SECRET" not in result.sentence
    assert len(web.seen) == 1


@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/hook-SECRET", "hook-SECRET", "http://127.0.0.1:1/hook-SECRET", "http://[SECRET"]
)
def test_a_webhook_that_cannot_be_delivered_is_a_result(url: str) -> None:
    result = post(url, {}, now=NOW)

    assert (result.ok, result.status) == (False, None)
    assert result.sentence.startswith("Webhook not delivered: ") and "SECRET" not in result.sentence
