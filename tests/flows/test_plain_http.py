"""Behind a load balancer without a certificate, by its own name: with production's settings, a browser and a Slack."""

import http.cookiejar
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx
import pytest

from deployments.telling.chat.slack import APPROVE
from tests.browser.beginning import POLICY
from tests.stack import ROOT, Stack, answers, free_port, wait_for
from tests.static_files import collect
from tests.telling.chat.slack_server import ALICE, SECRET, TEAM, Slack, pressed, signed

pytestmark = pytest.mark.flow

HOST = "tealgate-1234567890.us-east-1.elb.amazonaws.com"
WARNING = "This page is not encrypted"
OPEN = "SELECT id FROM deployments_gate WHERE status = 'AWAITING_ACTION'"
APPROVED = "SELECT id FROM deployments_gate WHERE status = 'SUCCEEDED'"
ASK = "from tests.browser.beginning import ask, begin; begin(gates={'production': 2}, checks=[])"
#: A second approver, whose account of a Slack is bound, and an environment that takes answers from there.
BOUND = f"""
from django.contrib.auth.models import Group, User
from django.utils import timezone
from deployments.catalog.models import Environment
from deployments.telling.chat.models import ChatAccount, ChatWorkspace
person = User.objects.create_user("in-slack", is_staff=True)
person.groups.set(Group.objects.filter(name="Approvers"))
Environment.objects.update(decided_in_chat=True)
acme = ChatWorkspace.objects.create(name="Acme", place="{TEAM}", secret="{SECRET}", api_url="http://127.0.0.1:9/api")
ChatAccount.objects.create(workspace=acme, account="{ALICE}", person=person, bound_at=timezone.now())
print(acme.pk)
"""
SHOWN = """
from deployments.delivery.models import Gate
from deployments.telling.chat import offering, slack
gate = Gate.objects.get(pk={gate})
print(slack.value(gate.pk, offering.shown(gate)))
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Sandbox, database and worker; its own web server is left alone."""
    with Stack(tmp_path_factory.mktemp("stack"), scale=60, policy=POLICY, queue_workers=3, forked=True) as running:
        yield running


@pytest.fixture(scope="module")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collect(tmp_path_factory.mktemp("static"))


class Browser:
    """As behind an Application Load Balancer: by its name, over `scheme`, with cookies that keep to what they say."""

    def __init__(self, port: int, scheme: str = "http") -> None:
        self.origin = f"{scheme}://{HOST}"
        self._client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            headers={"Host": HOST, "X-Forwarded-Proto": scheme, "X-Forwarded-For": "203.0.113.7"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def cookies(self) -> list[http.cookiejar.Cookie]:
        return list(self._client.cookies.jar)

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path)

    def send(self, page: str, action: str = "", **form: str) -> httpx.Response:
        """A form of that page, which brings its hidden fields."""
        text = self.get(page).text
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
        headers = {"Origin": self.origin, "Referer": f"{self.origin}{page}"}
        return self._client.post(action or page, data=hidden | form, headers=headers)

    def press(self, workspace: int, value: str) -> httpx.Response:
        """As Slack tells of it: signed, without a cookie. It takes no answer here."""
        payload = pressed(Slack(), APPROVE, value) | {"response_url": "http://127.0.0.1:9/actions/1"}
        sent = signed(payload, int(time.time()))
        headers = {**sent["headers"], "Content-Type": sent["content_type"], "Cookie": ""}
        return self._client.post(f"/chat/slack/{workspace}", content=sent["data"], headers=headers)

    def sign_in(self, username: str) -> httpx.Response:
        return self.send("/login/", username=username, password="demo", next="/")  # noqa: S106


@contextmanager
def web(stack: Stack, static_root: Path, **more: str) -> Iterator[int]:
    """A web server with production's settings, which knows the load balancer by T1's leading dot; its port."""
    port = free_port()
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "ALLOWED_HOSTS": ".elb.amazonaws.com",
        "STATIC_ROOT": str(static_root),
        "WEB_BIND": f"127.0.0.1:{port}",
        "WEB_HEALTH_BIND": "",
        "SITE_URL": "",
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.conf.py", "config.wsgi"]
    with (stack.home / "plain.log").open("wb") as log:
        running = subprocess.Popen(command, cwd=ROOT, env=stack.environment | settings | more, stderr=log, stdout=log)
    try:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        yield port
    finally:
        running.terminate()
        running.wait()


def test_one_setting_is_enough_from_the_sign_in_to_approvals_on_the_page_and_in_slack_and_every_page_warns(
    stack: Stack, static_root: Path
) -> None:
    acme = int(stack.run(BOUND))
    deployment = int(stack.run(f"{ASK}; print(ask('production', '1.1.0', strategy='BLUE_GREEN').pk)"))
    wait_for(lambda: stack.query(OPEN))
    ((gate,),) = stack.query(OPEN)
    page = f"/deployments/deployment/{deployment}/change/"

    with web(stack, static_root, SITE_URL=f"http://{HOST}") as port, Browser(port) as approver:
        assert WARNING in approver.get("/login/").text
        signed_in = approver.sign_in("approver")
        assert (signed_in.status_code, signed_in.headers["Location"]) == (302, "/")
        assert not any(cookie.secure for cookie in approver.cookies)
        assert "Strict-Transport-Security" not in signed_in.headers
        assert all(WARNING in approver.get(path).text for path in ("/", page, "/deployments/gate/"))
        decided = approver.send(page, f"/deployments/deployment/{deployment}/gates/{gate}/", verdict="approve")
        assert decided.status_code == 302, decided.text
        told = approver.press(acme, stack.run(SHOWN.format(gate=gate)).strip())
        assert (told.status_code, told.text) == (200, "")

    assert stack.query(APPROVED) == [(gate,)]
    assert "Pages are not encrypted: SITE_URL begins with http://." in stack.log("plain")


def test_without_the_setting_nobody_gets_in_over_plain_http(stack: Stack, static_root: Path) -> None:
    with web(stack, static_root) as port, Browser(port) as plain, Browser(port, scheme="https") as secure:
        sent_on, page = plain.get("/login/"), secure.get("/login/")

    assert (sent_on.status_code, sent_on.headers["Location"]) == (301, f"https://{HOST}/login/")
    assert WARNING not in page.text
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert all(cookie.secure for cookie in secure.cookies) and secure.cookies
