import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from deployments import logs


@pytest.fixture
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the log says, json unless the test asks for text, with one configured secret."""
    stream = io.StringIO()
    form = getattr(request, "param", "json")
    configuration = logs.configure(form=form, level="INFO", secrets=["correct horse", "abc"])
    configuration["handlers"]["stderr"]["stream"] = stream
    logging.config.dictConfig(configuration)
    yield stream
    logging.config.dictConfig(settings.LOGGING)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_line_carries_what_was_bound_around_it(written: io.StringIO) -> None:
    with logs.bind(deployment=7, stage="SCALE_UP"):
        logs.get("tealgate").info("targets healthy", healthy=2)
    logs.get("tealgate").info("later")

    first, second = lines(written)
    assert (first["deployment"], first["stage"], first["healthy"]) == (7, "SCALE_UP", 2)
    assert (first["event"], first["level"], first["logger"]) == ("targets healthy", "info", "tealgate")
    assert "deployment" not in second


@pytest.mark.parametrize("written", ["json", "text"], indirect=True)
def test_an_unknown_host_is_one_line_and_no_error(written: io.StringIO, client: Client) -> None:
    answer = client.get("/login/", headers={"Host": "evil.example"})

    assert answer.status_code == 400
    assert "Invalid HTTP_HOST header: 'evil.example'" in written.getvalue()
    assert "Traceback" not in written.getvalue()
    assert "error" not in written.getvalue()


def test_lines_of_other_libraries_go_the_same_way(written: io.StringIO) -> None:
    with logs.bind(deployment=7):
        logging.getLogger("django-q").error("Failed %s", "a task", extra={"token": "abc"})

    (line,) = lines(written)
    assert (line["event"], line["deployment"], line["token"]) == ("Failed a task", 7, "[redacted]")


@pytest.mark.parametrize("key", ["password", "api_key", "Authorization", "registry_secret", "session_token"])
def test_values_under_telling_keys_are_blotted_out(key: str, written: io.StringIO) -> None:
    logs.get("tealgate").info("asked", **{key: "hunter2", "nested": {"deep": [{key: "hunter2"}]}})

    assert "hunter2" not in written.getvalue()
    assert lines(written)[0]["nested"] == {"deep": [{key: "[redacted]"}]}


@pytest.mark.parametrize("written", ["json", "text"], indirect=True)
def test_configured_secrets_are_blotted_out_wherever_they_stand(written: io.StringIO) -> None:
    class Credential:
        def __str__(self) -> str:
            return "robot:correct horse@ghcr.io"

    log = logs.get("tealgate")
    log.info("sent correct horse to https://robot:correct horse@ghcr.io", to=Credential(), parts=["correct horse"])
    try:
        raise ValueError("refused correct horse")
    except ValueError:
        log.exception("failed")

    assert "correct horse" not in written.getvalue()
    assert "ValueError: refused [redacted]" in written.getvalue()


def test_a_short_secret_does_not_blot_out_innocent_text(written: io.StringIO) -> None:
    logs.get("tealgate").info("the abc of it")

    assert lines(written)[0]["event"] == "the abc of it"


def test_what_is_learnt_is_blotted_out_until_it_is_forgotten(written: io.StringIO) -> None:
    log = logs.get("tealgate")
    logs.learn("of an hour")
    log.info("the token of an hour")
    logs.forget("of an hour")
    logs.learn("of another")
    log.info("the token of an hour, then of another")
    logs.forget("of another")

    assert [line["event"] for line in lines(written)] == [
        "the token [redacted]", "the token of an hour, then [redacted]",
    ]  # fmt: skip


def test_debug_lines_are_left_out(written: io.StringIO) -> None:
    logs.get("tealgate").debug("detail")

    assert written.getvalue() == ""
