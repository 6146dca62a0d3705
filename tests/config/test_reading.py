from pathlib import Path

import pytest

from config.settings.queue import events_queue, queue_settings
from config.settings.reading import Reader


def said(reader: Reader, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as ended:
        reader.finish()
    assert ended.value.code == 78
    return capsys.readouterr().err


def test_a_value_comes_from_the_environment() -> None:
    assert Reader({"NAME": "value"}).text("NAME", example="x") == "value"


def test_a_value_comes_from_the_file_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from a file\n")

    assert Reader({"NAME_FILE": str(file)}).text("NAME", example="x") == "from a file"


def test_an_empty_value_counts_as_not_set() -> None:
    assert Reader({"NAME": ""}).text("NAME", "default", example="x") == "default"


def test_an_unreadable_file_is_said_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader({"NAME_FILE": "/nowhere/secret"})
    reader.text("NAME", example="x")

    complaint = said(reader, capsys)
    assert "NAME_FILE names /nowhere/secret, which cannot be read (No such file or directory)" in complaint
    assert complaint.count("\n  - ") == 1


def test_a_file_and_a_value_at_once_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader({"NAME": "value", "NAME_FILE": str(tmp_path)})
    reader.text("NAME", example="x")

    assert "NAME is set, and so is NAME_FILE. Set only one of them." in said(reader, capsys)


def test_every_problem_is_told_at_once_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader({"WORKERS": "many", "ZONE": "Mars/Olympus", "FORM": "xml", "FLAG": "perhaps"})
    reader.number("WORKERS", 4, lowest=1, highest=8)
    reader.time_zone("ZONE", "UTC")
    reader.choice("FORM", "json", ("json", "text"))
    reader.yes_or_no("FLAG", False)
    reader.words("HOSTS", example="tealgate.example.com")

    complaint = said(reader, capsys)
    assert "Tealgate cannot start: 5 settings need attention." in complaint
    assert "WORKERS cannot be understood. Set it to a whole number from 1 to 8. Example: 4" in complaint
    assert "ZONE is 'Mars/Olympus', which is no time zone" in complaint
    assert "FORM is 'xml'. Set it to one of: json, text. Example: json" in complaint
    assert "FLAG is neither true nor false" in complaint
    assert "HOSTS is not set. Set it, or HOSTS_FILE. Example: tealgate.example.com" in complaint


def test_a_number_out_of_range_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader({"WORKERS": "0"})
    reader.number("WORKERS", 4, lowest=1, highest=8)

    assert "WORKERS is 0. Set it to a whole number from 1 to 8." in said(reader, capsys)


def test_a_short_secret_is_refused_without_showing_it(capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader({"KEY": "hunter2"})
    reader.secret("KEY", example="openssl rand", fix="Use more.", at_least=50)

    complaint = said(reader, capsys)
    assert "KEY is too short (7 characters). Use more." in complaint
    assert "hunter2" not in complaint


@pytest.mark.parametrize(
    "address", ["mysql://u:hunter2@h/db", "postgres://u:hunter2@h:port/db", "hunter2", "postgres://hunter2"]
)
def test_a_bad_database_address_is_refused_without_showing_it(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader({"DATABASE_URL": address})
    reader.database("DATABASE_URL", "sqlite:///db.sqlite3")

    complaint = said(reader, capsys)
    assert "DATABASE_URL" in complaint
    assert "hunter2" not in complaint


def test_a_database_address_is_taken_apart_and_its_password_kept_out_of_logs() -> None:
    reader = Reader({"DATABASE_URL": "postgres://gate:hun%2Fter2@db:5433/tealgate?sslmode=require"})

    database = reader.database("DATABASE_URL", "sqlite:///db.sqlite3")

    assert (database["HOST"], database["PORT"], database["PASSWORD"]) == ("db", 5433, "hun/ter2")
    assert database["OPTIONS"] == {"sslmode": "require"}
    assert "hun/ter2" in reader.secrets


@pytest.mark.parametrize(
    "address",
    ["tealgate.example.com", "ftp://tealgate", "https://t/a b", "https://t:port", "https://t/?a", "https://u:p@t"],
)
def test_a_site_without_scheme_or_with_more_than_a_path_is_refused(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    reader = Reader({"SITE_URL": address})
    reader.address("SITE_URL", "http://localhost")

    assert "SITE_URL" in said(reader, capsys)


def test_named_secrets_are_found_by_their_prefix(tmp_path: Path) -> None:
    file = tmp_path / "hub"
    file.write_text("from a file")
    reader = Reader({"HOOK_SHOP": "one", "HOOK_HUB_FILE": str(file), "OTHER": "x"})

    assert reader.named("HOOK", str, fix="", example="") == {"SHOP": "one", "HUB": "from a file"}
    assert reader.secrets == {"one", "from a file"}


@pytest.mark.parametrize(
    ("queue", "expected"),
    [
        ("orm", {"orm": "default"}),
        ("rediss://:pw@redis:6379/1", {"redis": "rediss://:pw@redis:6379/1?socket_connect_timeout=3&socket_timeout=5"}),
        ("sqs://eu-central-1/gate", {"name": "gate", "sqs": {"aws_region": "eu-central-1"}}),
    ],
)
def test_the_queue_is_chosen_by_one_variable(queue: str, expected: dict[str, object]) -> None:
    settings = queue_settings(Reader({"QUEUE": queue}))

    if "sqs" in settings:
        # Without a wait time django-q2 would ask SQS without a pause.
        assert settings["sqs"].pop("receive_message_wait_time_seconds") > 0
    assert expected.items() <= settings.items()


@pytest.mark.parametrize("queue", ["rabbit://host", "redis://", "sqs://region", "redis://host:port", "yes"])
def test_an_unknown_queue_is_refused(queue: str, capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader({"QUEUE": queue})
    queue_settings(reader)

    assert "QUEUE is no queue that Tealgate knows. Set it to orm (the database)" in said(reader, capsys)


@pytest.mark.parametrize(
    ("queue", "expected"), [("", None), ("sqs://eu-central-1/tealgate-events", ("eu-central-1", "tealgate-events"))]
)
def test_the_queue_of_events_is_named_by_region_and_name(queue: str, expected: tuple[str, str] | None) -> None:
    reader = Reader({"EVENTS_QUEUE": queue})

    assert events_queue(reader) == expected
    assert reader.problems == []


@pytest.mark.parametrize(
    "queue", ["tealgate-events", "sqs://eu-central-1", "sqs:///q", "https://sqs.eu-central-1.amazonaws.com/1/q"]
)
def test_what_is_no_queue_of_events_is_refused(queue: str, capsys: pytest.CaptureFixture[str]) -> None:
    reader = Reader({"EVENTS_QUEUE": queue})
    events_queue(reader)

    assert "EVENTS_QUEUE is no SQS queue. Set it to sqs://<region>/<queue name>, or leave" in said(reader, capsys)
