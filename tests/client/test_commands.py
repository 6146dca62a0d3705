"""Everything else that can be typed: looking, turning back, deciding, the log, shells."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from tealgate import __version__, cli, device, stored
from tealgate.commands import events as log
from tealgate.stored import Login

import config
from deployments.catalog.models import DeviceGrant, Token
from deployments.delivery.models import Approval, Deployment, Gate
from tests.client.conftest import URL, Server, Tealgate
from tests.client.shown import Clock
from tests.client.test_waiting import told
from tests.delivery import stages
from tests.delivery.engine.world import World
from tests.stack_database import ROOT


def test_it_is_of_the_same_version_as_the_server(typed: Tealgate) -> None:
    assert __version__ == config.__version__
    assert typed("--version").out == f"tealgate, version {__version__}\n"


def test_every_command_says_what_it_does(typed: Tealgate) -> None:
    assert len(cli.tealgate.commands) >= 18
    for name, command in cli.tealgate.commands.items():
        done = typed(name, "--help")
        assert done.code == 0 and command.help and command.help.splitlines()[0] in done.out.replace("\n  ", " "), name


@pytest.mark.parametrize("words", [(), ("deploy",), ("deploy", "a", "b"), ("deploy", "a/b", "1", "--timeout", "soon"),
                                   ("release", "register", "a", "1", "--image", "web"), ("nothing",)])  # fmt: skip
def test_what_cannot_be_understood_is_refused(typed: Tealgate, words: tuple[str, ...]) -> None:
    done = typed(*words)
    assert (done.code, done.out) == (2, "")
    assert "Usage: tealgate" in done.err


def test_what_is_said_twice_or_cannot_be_read_is_refused(typed: Tealgate, tmp_path: Path) -> None:
    words = ("release", "register", "shop", "1", "--image", "web=a")
    (tmp_path / "notes").write_bytes(b"\xff\xfe")

    assert "named twice" in typed(*words, "--image", "web=b").err
    assert "cannot be read as UTF-8" in typed(*words, "--notes-file", tmp_path / "notes").err


def test_notes_that_nobody_would_read_are_refused(world: World, tealgate: Tealgate, tmp_path: Path) -> None:
    words = ("release", "register", "shop", "1", "--image", "web=a", "--notes-file", tmp_path / "notes")

    for size, said in ((1_000_000, "notes: "), (3_000_000, "bigger than 2.5 MB")):
        (tmp_path / "notes").write_text("x" * size)
        done = tealgate(*words)
        assert (done.code, said in done.err, len(done.err) < 1000) == (2, True, True)


def test_whoever_looks_sees_what_is_live_and_what_happens(world: World, tealgate: Tealgate) -> None:
    pk = stages.at_gate(world).deployment_id

    by_place, by_number = tealgate("status", "shop/production"), tealgate("status", pk, "--json")
    assert "live is nothing" in by_place.out
    assert f"Deployment {pk}: 1.1.0 on shop/production IN_PROGRESS" in by_place.out
    assert by_number.json["deployment"]["gate"]["approvals_needed"] == 1
    assert f"Gate {by_number.json['deployment']['gate']['id']}: 1.1.0 on shop/production" in tealgate("gates").out


def test_whoever_pipes_it_loses_no_word(world: World, tealgate: Tealgate) -> None:
    pk = stages.at_gate(world).deployment_id
    Deployment.objects.filter(pk=pk).update(status_reason="a sentence that is long " * 20)

    assert "…" not in tealgate("status", pk).out


def test_the_evidence_of_a_gate_is_read_as_sentences(world: World, tealgate: Tealgate) -> None:
    smoke = {"path": "/", "ok": True, "sentence": "GET / answered 200 in 20 ms."}
    traffic = {"green": {"requests": 40, "latency_ms": 12.5}}
    gate = stages.at_gate(world)
    assert "no gate is open" not in tealgate("gates").err
    Gate.objects.update(evidence={"smoke": [smoke], "weights": {"blue": 100.0}, "traffic": traffic, "alarms": {}})

    out = tealgate("gates", "show", gate.pk).out
    said = [line for line in out.splitlines() if line.startswith("  ")]
    assert said[-3:] == [
        "  Smoke: GET / answered 200 in 20 ms.",
        "  Traffic: green (latency ms 12.5; requests 40)",
        "  Weights: blue 100",
    ]
    assert "{" not in out and "Alarms" not in out
    Gate.objects.update(status="REJECTED")
    assert tealgate("gates").err == "Nobody is waited for: no gate is open.\n"


def test_one_is_stopped_by_its_environment(world: World, server: Server, tealgate: Tealgate) -> None:
    pk = stages.pending(world).pk
    server.meanwhile = lambda: world.run(Deployment.objects.get())

    done = tealgate("stop", "shop/production", "--reason", "tests failed", "--json")

    assert (done.code, done.json["outcome"], done.json["deployment"]["id"]) == (0, "stopped", pk)
    late = tealgate("rollback", pk)
    assert late.code == 2 and late.err


def test_the_warm_time_is_extended_and_ended(world: World, tealgate: Tealgate) -> None:
    pk = stages.warm(world).pk

    assert tealgate("extend", pk, "--minutes", 90, "--json").json["deployment"]["kept_until"]
    assert tealgate("go-on", pk).code == 2
    assert tealgate("finish", "shop/production").code == 0
    assert tealgate("retry", pk).code == 2


def test_an_environment_is_locked_with_a_message(world: World, tealgate: Tealgate) -> None:
    assert tealgate("unlock", "shop/production").code == 2
    assert tealgate("lock", "shop/production", "--message", "freeze").code == 0
    assert "freeze" in tealgate("deploy", "shop/production", world.release.version).err
    assert tealgate("unlock", "shop/production", "--json").json["environment"]["lock"] is None


def test_no_token_decides_by_it_either(world: World, tealgate: Tealgate, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = stages.at_gate(world)

    for words in (("approve", gate.pk, "--yes"), ("reject", "shop/production", "--comment", "no")):
        done = tealgate(*words)
        assert done.code == 2
        assert "is a token" in done.err
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    assert tealgate("approve", gate.pk).err.endswith("Nothing was decided.\n")
    assert "nobody said yes" in tealgate("approve", gate.pk).err


def test_the_log_is_followed_each_event_once(world: World, tealgate: Tealgate, monkeypatch: pytest.MonkeyPatch) -> None:
    stages.pending(world)
    later: list[Callable[[], object]] = [lambda: stages.not_rolled_back(world), lambda: None]

    class Meanwhile(Clock):
        def sleep(self, seconds: float) -> None:
            if not later:
                raise KeyboardInterrupt
            later.pop(0)()

    monkeypatch.setattr(log, "time", Meanwhile())
    Deployment.objects.update(status="STOPPED", finished_at=timezone.now(), next_check_at=None)
    done = tealgate("events", "--follow", "--json", "--limit", "1")

    told_of = [json.loads(line) for line in done.out.splitlines()]
    assert [event["kind"] for event in told_of] == ["deployment.requested"] * 2
    assert len({event["id"] for event in told_of}) == 2
    assert done.code == 0
    assert "deployment.requested" in tealgate("events", "--kind", "deployment.requested").out
    assert tealgate("events", "--kind", "gate.openned").err == "There is no such event.\n"


def test_a_shell_is_given_what_completes_words(typed: Tealgate) -> None:
    for shell in ("zsh", "fish"):
        assert "_TEALGATE_COMPLETE" in typed("completion", shell).out
    variables = {"_TEALGATE_COMPLETE": "bash_complete", "COMP_WORDS": "tealgate roll", "COMP_CWORD": "1"}
    command = [sys.executable, "-m", "tealgate"]
    assert subprocess.check_output(command, env=variables, cwd=ROOT / "client") == b"plain,rollback\n"


CODES = {
    "device_code": "d",
    "user_code": "BCDF-GHJK",
    "verification_uri": f"{URL}/device/",
    "verification_uri_complete": f"{URL}/device/?user_code=BCDF-GHJK",
    "expires_in": 600,
    "interval": 5,
}


def not_yet(error: str) -> object:
    return told({"detail": "Not yet.", "error": error}, 400)


def test_a_person_signs_in_by_a_browser_and_is_remembered(
    typed: Tealgate, server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = Clock()
    monkeypatch.setattr(device, "time", clock)
    token = {
        "access_token": "tealgate_person",
        "expires_in": 3600,
        "person": "maya",
        "name": "x",
        "token_type": "Bearer",
    }
    server.instead += [told(CODES), not_yet("authorization_pending"), not_yet("slow_down"), told({}, 503), told(token)]  # type: ignore[list-item]

    done = typed("login", f"{URL}/")

    assert done.code == 0
    assert f"Open {URL}/device/?user_code=BCDF-GHJK and compare the code: BCDF-GHJK" in done.err
    assert clock.slept == [5, 5, 10, 15]
    kept = tmp_path / "tealgate" / "login.json"
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert "tealgate_person" not in done.out + done.err
    monkeypatch.delenv("TEALGATE_URL")
    server.instead.append(told({"items": [], "next_cursor": None}))
    assert typed("environments").code == 0
    assert server.asked[-1][2]["Authorization"] == "Bearer tealgate_person"
    assert "The token ends by itself" in typed("logout").out  # Tealgate knows of none such
    assert "tealgate login" in typed("environments").err


def test_a_person_decides_from_a_terminal(
    world: World, typed: Tealgate, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the server's own sign-in; whoever is at the browser allows it while the terminal waits."""
    gate = stages.at_gate(world)

    class Browser(Clock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            grant = DeviceGrant.objects.latest("pk")
            if grant.status == "PENDING":
                grant.status, grant.person, grant.decided_at = "ALLOWED", world.approver, timezone.now()
                grant.session_hash = world.approver.get_session_auth_hash()
                grant.save()

    monkeypatch.setattr(device, "time", Browser())
    signed_in = typed("login")
    assert signed_in.code == 0, signed_in.err

    other = typed("approve", "shop/production", "--yes", "--comment", "looked at it")
    assert (other.code, Approval.objects.get().person) == (0, world.approver), other.err
    assert "1 of 1 approvals are given." in other.out
    assert typed("approve", gate.pk, "--yes").code == 2
    assert typed("logout").out == "Signed out.\n"
    assert Token.objects.get(kind="PERSON").revoked_at


def test_somebody_who_says_no_is_obeyed(typed: Tealgate, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "time", Clock())
    server.instead += [told(CODES), told({"detail": "It was denied.", "error": "access_denied"}, 400)]

    done = typed("login")
    assert (done.code, done.err.splitlines()[-1]) == (2, "It was denied.")
    assert stored.load() is None


def test_a_sign_in_of_another_address_or_of_yesterday_is_not_used(typed: Tealgate) -> None:
    stored.save(Login(url="https://other.example.com", token="x", expires_at="2099-01-01T00:00:00+00:00"))
    assert "Nobody is signed in" in typed("environments").err
    stored.save(Login(url=URL, token="x", expires_at="2020-01-01T00:00:00+00:00"))
    assert "Your sign-in is over" in typed("environments").err


def test_a_token_that_is_over_is_told_in_words(tealgate: Tealgate) -> None:
    Token.objects.update(expires_at=timezone.now() - timedelta(days=1))
    done = tealgate("environments")
    assert done.code == 2 and "unknown, revoked or over" in done.err


def test_the_single_file_runs_and_is_small(tmp_path: Path) -> None:
    made = tmp_path / "tealgate.pyz"
    subprocess.run([sys.executable, "client/pyz.py", made], cwd=ROOT, check=True, timeout=60)

    assert made.stat().st_size < 1_000_000
    assert any("LICENSE" in name for name in zipfile.ZipFile(made).namelist())
    told = subprocess.check_output([sys.executable, "-I", made, "--version"], cwd=tmp_path, text=True)
    assert told == f"tealgate, version {__version__}\n"
