"""The demo's mail: what a real SMTP server takes is on a page, where nothing of it runs."""

import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from django.urls import resolve

from demo.mail import folder
from tests.stack import ROOT, free_port, wait_for

pytestmark = pytest.mark.urls("demo.urls")
HTML = (
    "<!doctype html><html><head><title>x</title></head><body><a href='http://127.0.0.1/gate/1'>Decide</a></body></html>"
)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DEMO_MAIL", str(tmp_path / "mail"))
    return tmp_path / "mail"


@pytest.fixture
def port(kept: Path) -> Iterator[int]:
    number = free_port()
    with subprocess.Popen([sys.executable, "-m", "demo.mail", str(number), str(kept)], cwd=ROOT) as server:
        wait_for(lambda: _answers(number))
        yield number
        server.terminate()
        assert server.wait(10) == 0


def _answers(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as smtp:
            return smtp.noop()[0] == 250
    except OSError:
        return False


def a_mail(subject: str = "storefront/production: 1.1.0 waits for you", html: str = HTML) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Tealgate <tealgate@example.com>", "approver@example.com", subject
    mail.set_content("Decide: http://127.0.0.1/gate/1")
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def test_what_is_sent_stands_on_the_page_with_its_newest_first(port: int, kept: Path, client: Client) -> None:
    assert "Nothing came yet" in client.get("/demo/inbox/").content.decode()

    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.send_message(a_mail())
        smtp.send_message(a_mail("Später: 1.1.0 ist live ✓"), to_addrs=["manager@example.com"])
    page = client.get("/demo/inbox/")

    said = page.content.decode()
    assert said.index("Später: 1.1.0 ist live ✓") < said.index("storefront/production: 1.1.0 waits for you")
    newest = folder.numbers(kept)[0]
    letter = client.get(f"/demo/inbox/{newest}/").content.decode()
    assert "Tealgate &lt;tealgate@example.com&gt;" in letter
    assert "<dt>Delivered-To</dt><dd>manager@example.com</dd>" in letter
    assert '<a href="http://127.0.0.1/gate/1" rel="nofollow">http://127.0.0.1/gate/1</a>' in letter


def test_whoever_has_the_page_open_hears_of_what_is_new_only(kept: Path, client: Client) -> None:
    folder.keep(kept, a_mail().as_bytes(), at=1)
    version = client.get("/demo/inbox/")["X-Tealgate-Version"]
    assert client.get("/demo/inbox/", {"v": version}).status_code == 204

    folder.keep(kept, a_mail().as_bytes(), at=2)

    assert client.get("/demo/inbox/", {"v": version}).status_code == 200


def test_nothing_in_a_mail_runs_and_its_links_open_windows_of_their_own(kept: Path, client: Client) -> None:
    number = folder.keep(kept, a_mail().as_bytes(), at=1)

    answer = client.get(f"/demo/inbox/{number}/html/")

    assert '<head><base target="_blank"><title>' in answer.content.decode()
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy
    assert "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox" in policy
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    page = client.get(f"/demo/inbox/{number}/").content.decode()
    assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in page


def test_a_subject_is_text_and_a_mail_without_html_or_of_no_known_letters_is_shown(kept: Path, client: Client) -> None:
    plain = a_mail("<script>alert(1)</script>", html="").as_bytes().replace(b'charset="utf-8"', b'charset="klingon"')
    number = folder.keep(kept, plain, at=1)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in client.get("/demo/inbox/").content.decode()
    letter = client.get(f"/demo/inbox/{number}/").content.decode()
    assert "Decide: " in letter
    assert "<iframe" not in letter
    assert client.get(f"/demo/inbox/{number}/html/").status_code == 404
    assert client.get("/demo/inbox/7/").status_code == 404


def test_the_newest_mails_are_kept_each_under_a_number_of_its_own(kept: Path) -> None:
    given = {folder.keep(kept, b"Subject: x\r\n\r\n", at=5) for _ in range(folder.MOST + 3)}

    assert len(given) == folder.MOST + 3
    assert folder.numbers(kept) == sorted(given, reverse=True)[: folder.MOST]
    assert [path.suffix for path in kept.iterdir()] == [".eml"] * folder.MOST


def test_production_has_no_such_page() -> None:
    assert resolve("/demo/inbox/", "demo.urls").url_name == "demo-inbox"
    assert resolve("/demo/inbox/", "config.urls").url_name is None  # what the admin does not know


def test_somebody_who_reads_korean_is_shown_the_mail_in_korean(kept: Path, client: Client) -> None:
    korean = {"HTTP_ACCEPT_LANGUAGE": "ko-KR,ko;q=0.9"}
    empty = client.get("/demo/inbox/", **korean).content.decode()  # type: ignore[arg-type]
    number = folder.keep(kept, a_mail().as_bytes(), at=1)
    letter = client.get(f"/demo/inbox/{number}/", **korean).content.decode()  # type: ignore[arg-type]

    assert '<html lang="ko">' in empty and "아직 받은 메일이 없습니다" in empty
    assert "받는 사람" in letter and "Recipient" not in letter
