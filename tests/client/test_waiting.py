"""Whoever waits: through restarts of Tealgate, killed, on a terminal, in GitHub's log."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tealgate import credentials, patience, showing, waiting, wire
from tealgate.github import summary
from tealgate.out import Out
from tealgate.verdict import Until, is_settled, verdict
from tealgate.wire import Answer, NoAnswer

from tests.client.conftest import Server, Tealgate
from tests.client.shown import ASKED, LOOKED_AT, Clock, answer, deployment, going, live, stage
from tests.outbound.web_server import Web, serving
from tests.stack_database import ROOT

EVIL = "\x1b]0;owned\x07\x1b[2Jdone\x1b[31m\r\n::error::fake\u202e##[add-mask]x"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    for module in (patience, waiting, credentials):
        monkeypatch.setattr(module, "time", found)
    return found


@pytest.fixture
def asked(server: Server, typed: Tealgate, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A deployment was asked for; a test says what is answered from then on."""
    monkeypatch.setenv("TEALGATE_TOKEN", "tealgate_x")
    server.instead.append(told(deployment(), 201))
    return server


def told(said: object, status: int = 200, *, again: str = "") -> Answer:
    """`again`: when it says to be asked again, in seconds."""
    kind = "application/json" if status < 400 else "application/problem+json"
    headers = {"content-type": kind, **({"retry-after": again} if again else {})}
    return Answer(status, headers, json.dumps(said).encode())


DEPLOY = ("deploy", "shop/production", "1.1.0")


def test_a_restart_of_tealgate_is_not_noticed(asked: Server, typed: Tealgate) -> None:
    asked.instead += [
        NoAnswer("Connection refused"), Answer(502, {}, b"<html>"), told({"detail": "Away."}, 503, again="1"),
        NoAnswer("its answer broke off"), told(live()),
    ]  # fmt: skip

    assert typed(*DEPLOY).code == 0


def test_one_that_is_not_reached_until_the_time_is_over_goes_on(asked: Server, typed: Tealgate) -> None:
    asked.instead += [NoAnswer("Connection refused")] * 500

    done = typed(*DEPLOY, "--timeout", "5m", "--json")
    assert (done.code, done.json["outcome"]) == (4, "unreachable")
    assert (
        "deployment 7) goes on without this: https://tealgate.example.com/deployments/deployment/7/"
        in done.json["sentence"]
    )


def test_when_too_many_wait_it_is_asked_again_a_little_later(asked: Server, typed: Tealgate, clock: Clock) -> None:
    asked.instead += [told(deployment(), again="1")] * 3 + [told(live())]

    assert typed(*DEPLOY).code == 0
    assert clock.slept == [1, 1, 1]


def test_one_that_answers_at_once_is_not_asked_without_pause(asked: Server, typed: Tealgate, clock: Clock) -> None:
    asked.instead += [told(deployment())] * 3 + [told(live())]

    assert typed(*DEPLOY).code == 0
    assert clock.slept == [1, 1, 1]


def test_a_token_that_ends_meanwhile_leaves_the_deployment_going(asked: Server, typed: Tealgate) -> None:
    asked.instead.append(told({"detail": "No token, or one that is over."}, 401))

    done = typed(*DEPLOY)
    assert done.code == 2
    assert "one that is over." in done.err and "goes on without this" in done.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_killed_client_says_what_goes_on(number: signal.Signals, code: int) -> None:
    with serving(going()) as web:
        client = subprocess.Popen(
            [sys.executable, "-m", "tealgate", *DEPLOY], cwd=ROOT / "client", env=environment(web),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        while len(web.seen) < 2:
            assert client.poll() is None
        client.send_signal(number)
        _, said = client.communicate(timeout=20)

    assert client.returncode == code
    assert f"goes on without this: {web.url}/deployments/deployment/7/change/" in said
    assert "Traceback" not in said


def environment(web: Web) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "TEALGATE_URL": web.url,
        "TEALGATE_TOKEN": "x",
        "HOME": "/nonexistent",
        "TERM": "xterm",
    }


@pytest.mark.parametrize("colours", [True, False])
def test_a_terminal_has_a_table_that_is_drawn_over(colours: bool) -> None:
    web = Web(answers={LOOKED_AT: answer(deployment(headline=EVIL)), f"{LOOKED_AT}?wait=30&seen=a": answer(live())})
    with serving(web):
        told, side = pty.openpty()
        variables = environment(web) | ({} if colours else {"NO_COLOR": "1"})
        command = [sys.executable, "-m", "tealgate", "status", "7", "--watch", "--until", "finished"]
        assert (
            subprocess.run(command, cwd=ROOT / "client", env=variables, stdout=side, check=False, timeout=20).returncode
            == 0
        )
        os.close(side)
        said = os.read(told, 65536).decode()
        os.close(told)

    assert "\x1b[4A\x1b[J" in said
    assert ("\x1b[36m" in said) is colours
    assert "\x1b]0" not in said and "\x1b[2J" not in said


def test_texts_of_others_neither_move_a_cursor_nor_command_a_ci(
    asked: Server, typed: Tealgate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": ""}.items():
        monkeypatch.setenv(name, value)
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.setenv(name, str(tmp_path / name))
    asked.instead += [
        told(deployment(headline=EVIL, reason=EVIL)),
        told(
            live(headline=EVIL, reason=EVIL, stages=[stage("SCALE_UP", "failed", detail="<img src=x> | `a` " + EVIL)])
        ),
    ]

    done = typed(*DEPLOY, "--until", "finished")

    said = done.out + done.err
    assert done.code == 0
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(said)
    assert [line for line in said.splitlines() if line.startswith(("::", "##["))] == [
        "::group::1.1.0 on shop/production (deployment 7)", "::endgroup::",
    ]  # fmt: skip
    assert (tmp_path / "GITHUB_OUTPUT").read_text() == (
        "deployment=7\nurl=https://tealgate.example.com/deployments/deployment/7/change/\n"
    )
    kept = (tmp_path / "GITHUB_STEP_SUMMARY").read_text()
    assert r"| ❌ | Scale up | &lt;img src=x> \| \`a\` done ::error::fake" in kept


def test_a_name_in_the_summary_reads_as_it_is_and_calls_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    summary(deployment(requested_by="shop/web@refs/heads/main & #7"), "It is live.", "https://t.example")

    assert r"asked for by shop/web&#64;refs/heads/main &amp; \#7: merged" in (tmp_path / "summary").read_text()


def test_a_red_end_is_annotated_in_github(asked: Server, typed: Tealgate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    asked.instead.append(told(deployment(status="ROLLBACK_SUCCESSFUL", is_finished=True, headline="5xx\n::error::")))

    done = typed(*DEPLOY)
    assert done.code == 1
    assert "::error title=Tealgate%3A rolled-back::1.1.0 on shop/production (deployment 7) is not live. 5xx" in done.out


BAKED = [stage("PRODUCTION_TRAFFIC_SHIFT", "done"), stage("BAKE_TIME", "done"), stage("CLEAN_UP", "running")]


@pytest.mark.parametrize(
    ("changes", "settled"),
    [
        ({}, True),
        ({"percent": 99.0}, False),
        ({"not_live": "It runs no task there."}, False),
        ({"gate": {"id": 1}}, False),
        ({"status": "ROLLBACK_IN_PROGRESS"}, False),
        ({"stages": [stage("BAKE_TIME", "running")]}, False),
        ({"stages": [stage("PRODUCTION_TRAFFIC_SHIFT", "done")]}, False),
        ({"stages": [stage("SCALE_UP", "running"), *BAKED]}, False),
    ],
)
def test_only_what_is_watched_to_the_end_on_all_of_production_is_live(
    changes: dict[str, object], settled: bool
) -> None:
    assert is_settled(deployment(**{"percent": 100.0, "stages": BAKED, **changes})) is settled


@pytest.mark.parametrize(
    "status", ["STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED", "FAILED", "SUCCESSFUL", "NEW_WORD"]
)
@pytest.mark.parametrize("until", list(Until))
def test_whatever_ended_and_is_not_live_is_red(status: str, until: Until) -> None:
    found = verdict(deployment(status=status, is_finished=True, is_live=False, percent=100.0, stages=BAKED), until)

    assert found is not None and found.code == 1


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Web]:
    """Its runner gives ID tokens, and the same server exchanges them."""
    runner, exchange = "/token?v=2&audience=https%3A%2F%2Ftealgate.example.com", "/api/v1/oidc/token"
    with serving(Web(answers={runner: answer({"value": "id.token"})})) as web:
        real = wire.ask

        def ask(method: str, url: str, **said: object) -> Answer:
            return real(method, url.replace("https://tealgate.example.com", web.url, 1), **said)  # type: ignore[arg-type]

        monkeypatch.setattr(wire, "ask", ask)
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", f"{web.url}/token?v=2")
        monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner")
        web.answers[exchange] = answer({"token": "tealgate_15", "expires_at": "2020-01-01T00:00:00Z"}, 201)
        yield web


def test_a_job_of_github_needs_no_secret_and_gets_a_new_token_when_one_ends(typed: Tealgate, github: Web) -> None:
    github.answers |= {ASKED: answer(deployment(), 201), f"{LOOKED_AT}?wait=30&seen=a": answer(live())}

    assert typed(*DEPLOY).code == 0
    sent = [(path.partition("?")[0], headers.get("authorization"), body) for path, headers, body in github.seen]
    assert sent[0] == ("/token", "Bearer runner", b"")
    assert sent[1] == ("/api/v1/oidc/token", None, b'{"id_token": "id.token"}')
    assert sent[2][:2] == (ASKED, "Bearer tealgate_15")
    assert sent[4][:2] == ("/api/v1/oidc/token", "Bearer tealgate_15")


def test_a_job_that_gets_no_id_token_is_told_its_permission(typed: Tealgate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    done = typed("environments")
    assert done.code == 2
    assert "permissions: id-token: write" in done.err


def test_an_id_token_that_is_good_once_serves_all_commands_of_a_job(
    typed: Tealgate, server: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GITLAB_CI", "true")
    monkeypatch.setenv("TEALGATE_ID_TOKEN", "only.once")
    server.instead += [told({"token": "tealgate_15", "expires_at": "2099-01-01T00:00:00Z"}, 201)]
    server.instead += [told({"items": [], "next_cursor": None})] * 2

    assert typed("environments").code == typed("environments").code == 0
    assert [path for _, path, _ in server.asked] == [
        "/api/v1/oidc/token",
        "/api/v1/environments",
        "/api/v1/environments",
    ]
    (kept,) = (tmp_path / "tealgate").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "only.once" not in kept.read_text()


def test_a_table_is_no_wider_and_no_higher_than_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "41")
    monkeypatch.setenv("LINES", "4")
    shown = deployment(headline="測試" * 40, stages=[stage(f"STAGE_{number}", "done") for number in range(9)])
    title, last_stage, headline = (text for text, _ in showing.fitting(list(showing.table(shown, showing.width())), 3))

    assert title.startswith("Deployment 7: 1.1.0 on")
    assert last_stage.startswith("  ✓ Stage 8")
    assert headline == "  " + "測試" * 9 + "…"


def test_lines_are_told_once_each(capsys: pytest.CaptureFixture[str]) -> None:
    show = showing.shower(Out())
    for percent in (0.0, 0.0, 10.0):
        show(deployment(percent=percent))

    assert len(capsys.readouterr().out.splitlines()) == 2
