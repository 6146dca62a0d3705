import pytest

from config.settings.judging import host_names, misspelt, origins
from config.settings.queue import queue_settings
from config.settings.reading import Reader
from config.settings.teams import teams


def told(reader: Reader) -> list[str]:
    return [str(problem) for problem in reader.problems]


@pytest.mark.parametrize(
    ("host", "fix"),
    [
        ('"tealgate.example.com"', "Leave the quotes out"),
        ("tealgate.example.com other.example.com", "Separate the names by commas"),
        ("tealgate.example.com:8000", "Leave the port out"),
        ("[2001:db8::1]:8000", "Leave the port out"),
        ("*.example.com", "A leading dot stands for all names below: .example.com"),
        ("*", "Name the hosts"),
        ("https://tealgate.example.com", "Leave scheme and path out"),
        ("tealgate.example.com/", "Leave scheme and path out"),
        ("tealgate..example.com", "Set it to names"),
        ("2001:db8::1", "Set it to names, or addresses with IPv6 in brackets"),
    ],
)
def test_a_host_that_no_browser_ever_sends_is_refused_with_what_to_write(host: str, fix: str) -> None:
    reader = Reader({})
    host_names(reader, "ALLOWED_HOSTS", [host])

    [said] = told(reader)
    assert said.startswith(f"ALLOWED_HOSTS has {host!r}. {fix}"), said
    assert said.endswith("Example: tealgate.example.com")


def test_hosts_that_work_are_taken() -> None:
    reader = Reader({})
    good = ["tealgate.example.com", ".amazonaws.com", "10.0.2.106", "[2001:db8::1]", "tealgate", "a_b.internal"]
    host_names(reader, "ALLOWED_HOSTS", good)

    assert told(reader) == []


@pytest.mark.parametrize(
    ("origin", "fix"),
    [
        ("tealgate.example.com", "Each one starts with https:// or http://"),
        ("https://", "Each one starts with"),
        ("https://tealgate.example.com/", "Leave out what follows the host, a slash as well"),
        ("https://tealgate.example.com/admin", "Leave out what follows the host"),
    ],
)
def test_an_origin_that_no_browser_ever_sends_is_refused(origin: str, fix: str) -> None:
    reader = Reader({})
    origins(reader, "CSRF_TRUSTED_ORIGINS", [origin, "https://*.example.com", "http://tealgate:8000"])

    [said] = told(reader)
    assert said.startswith(f"CSRF_TRUSTED_ORIGINS has {origin!r}. {fix}")


def test_names_of_others_and_names_beside_one_that_is_set_are_left_alone() -> None:
    variables = {"TIMEZONE": "UTC", "TIME_ZONE": "UTC", "PATH": "/bin", "QUEUE_WORKER": "4", "SECRET_KEYS": ""}
    reader = Reader(variables)
    reader.text("TIME_ZONE", "UTC", example="UTC")
    reader.text("SECRET_KEY", "", example="x")
    reader.number("QUEUE_WORKERS", 4)
    misspelt(reader, reader.names)

    assert [problem.name for problem in reader.problems] == ["QUEUE_WORKER"]


@pytest.mark.parametrize("address", ["redis://:pa#ss@redis:6379/0", "redis://:pa/ss@redis:6379/0"])
def test_a_queue_whose_password_ends_its_host_is_refused_and_blotted_out(address: str) -> None:
    reader = Reader({"QUEUE": address})
    queue_settings(reader)

    [said] = told(reader)
    assert said.startswith("QUEUE has a password that ends its host. Write what is neither letter nor digit in it as %")
    assert "pa" not in said.replace("password", "")
    assert address in reader.secrets


@pytest.mark.parametrize(
    "said",
    [
        {"TEAMS_ISSUER": "http://api.botframework.com"},
        {"TEAMS_KEYS_URL": "http://login.example.com/v1/.well-known/openidconfiguration"},
        {"TEAMS_LOGIN_URL": "http://login.microsoftonline.com"},
        {"TEAMS_HOSTS": "smba.trafficmanager.net,http://smba.trafficmanager.net"},
    ],
)
def test_nobody_speaks_as_microsoft_without_https_but_on_this_machine(said: dict[str, str]) -> None:
    reader = Reader(said)
    teams(reader)

    [problem] = told(reader)
    assert problem.startswith(f"{next(iter(said))} is not encrypted")
    assert teams(on_this_machine := Reader(dict.fromkeys(said, "http://127.0.0.1:8080"))) and not told(on_this_machine)
