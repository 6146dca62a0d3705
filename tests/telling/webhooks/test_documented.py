"""What docs/webhooks.md gives to copy, copied and run against what is really sent."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from deployments.telling import attempts
from deployments.telling.webhooks import deliveries, models, sending
from deployments.telling.webhooks.models import WebhookDelivery
from tests.stack_database import ROOT
from tests.telling.webhooks.conftest import Listener, body_of, tell, the_delivery

PAGE = (ROOT / "docs/webhooks.md").read_text()


def code(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_receiver_of_the_page_takes_what_is_sent_and_nothing_else(listener: Listener, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    subscription = listener.add(url=f"http://127.0.0.1:{port}/")
    (tmp_path / "receiver.py").write_text(code("python"))
    environment = os.environ | {"PORT": str(port), "TEALGATE_WEBHOOK_SECRET": listener.secrets["chat"]}
    with subprocess.Popen(
        [sys.executable, "receiver.py"], cwd=tmp_path, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as receiver:  # fmt: skip
        assert receiver.stdout
        assert receiver.stdout.readline() == "listening\n"
        try:
            tell(listener.world, "one")
            listener.deliver()
            subscription.secret = "whsec_" + "b" * 44
            subscription.save()
            tell(listener.world, "two")
            listener.deliver()
        finally:
            receiver.terminate()
        assert receiver.stdout.read() == "tealgate.environment.adopted shop/production one\n"
    statuses = WebhookDelivery.objects.order_by("number").values_list("response_status", flat=True)
    assert list(statuses) == [204, 401]


def test_the_shell_of_the_page_verifies_it(listener: Listener, tmp_path: Path) -> None:
    listener.add()
    tell(listener.world, "one")
    listener.deliver()
    (_, headers, body), *_ = listener.web.seen
    given = os.environ | {
        "TEALGATE_WEBHOOK_SECRET": listener.secrets["chat"], "id": headers["webhook-id"],
        "timestamp": headers["webhook-timestamp"], "signature": headers["webhook-signature"],
    }  # fmt: skip
    (tmp_path / "verify.sh").write_text(code("sh"))
    said = []
    for bytes_that_came in (body, body + b" "):
        (tmp_path / "body").write_bytes(bytes_that_came)
        ran = subprocess.run(
            ["sh", "verify.sh"], cwd=tmp_path, env=given, capture_output=True, text=True, check=False
        )  # fmt: skip
        said.append((ran.stdout, ran.stderr))

    assert said == [("verified\n", ""), ("", "")]


def test_what_the_page_shows_is_what_comes(listener: Listener) -> None:
    shown: dict[str, Any] = json.loads(code("json"))
    listener.add()
    tell(listener.world, "one")
    listener.deliver()
    came = body_of(the_delivery())

    assert (sorted(shown), sorted(shown["data"])) == (sorted(came), sorted(came["data"]))


def test_the_page_s_numbers_are_those_that_hold() -> None:
    assert (sending.REQUEST_SECONDS, models.ANSWER_KEPT, deliveries.KEPT_FOR.days) == (10, 1024, 30)
    assert [attempts.SHORTEST_PAUSE.seconds, attempts.LONGEST_PAUSE.seconds, attempts.LONGEST_ASKED.seconds] == [
        5, 3600, 6 * 3600,
    ]  # fmt: skip
    for number in ("10 seconds", "1024 bytes", "30 days", "up to an hour", "up to 6 hours", "for three days"):
        assert number in PAGE.replace("\n", " "), number
