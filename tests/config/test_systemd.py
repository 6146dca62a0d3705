"""infra/systemd: the units are what systemd takes, and what they start answers behind their nginx site."""

import http.client
import os
import re
import shlex
import shutil
import ssl
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import get_commands

from tests.stack import free_port, wait_for
from tests.stack_database import File

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "infra/systemd"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))
RUNNING = ("tealgate-web.service", "tealgate-worker.service")
CURRENT = "/opt/tealgate/current"
HOST = "tealgate.example.com"


def unit(name: str) -> dict[str, list[str]]:
    """All values of each key, in order."""
    keys: dict[str, list[str]] = defaultdict(list)
    for line in (FOLDER / name).read_text().splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            keys[key].append(value)
    return keys


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """In a root that has the paths of the README and systemd's own targets."""
    own, theirs = tmp_path / "etc/systemd/system", tmp_path / "usr/lib/systemd/system"
    binaries = tmp_path / f"{CURRENT}/.venv/bin".lstrip("/")
    for folder in (own, theirs, binaries):
        folder.mkdir(parents=True)
    for target in Path("/usr/lib/systemd/system").glob("*.target"):
        shutil.copyfile(target, theirs / target.name)
    shutil.copy("/bin/true", binaries / "python")
    for name in UNITS:
        shutil.copyfile(FOLDER / name, own / name)

    done = subprocess.run(
        ["systemd-analyze", f"--root={tmp_path}", "verify", *UNITS], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_little_that_a_unit_may_do_to_its_host(name: str) -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(FOLDER / name)]

    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout.splitlines()[-1:]


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_what_the_project_has(name: str) -> None:
    for command in unit(name)["ExecStart"]:
        program, *words = shlex.split(command)
        assert program == f"{CURRENT}/.venv/bin/python"
        if words[0] == "manage.py":
            assert words[1] in get_commands()
        else:
            assert words == ["-m", "gunicorn", "--config", "config/gunicorn.conf.py", "config.wsgi"]
            assert (ROOT / "config/gunicorn.conf.py").exists()


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_has_a_user_without_rights_and_no_setting_of_its_own(name: str) -> None:
    keys = unit(name)

    assert keys["User"] == keys["Group"] == ["tealgate"]
    assert keys["EnvironmentFile"] == ["/etc/tealgate/tealgate.env"]
    assert (keys["CapabilityBoundingSet"], keys["NoNewPrivileges"]) == ([""], ["yes"])
    assert keys["ProtectSystem"] == ["strict"]
    # A setting that is wrong is not tried again and again.
    assert keys["RestartPreventExitStatus"] == ["78"]


@pytest.mark.parametrize("name", RUNNING)
def test_what_runs_has_time_to_end_and_is_started_again_for_as_long_as_it_takes(name: str) -> None:
    keys = unit(name)

    assert int(keys["TimeoutStopSec"][0]) >= 30
    assert (keys["KillSignal"], keys["KillMode"]) == (["SIGTERM"], ["mixed"])
    assert (keys["Restart"], keys["StartLimitIntervalSec"]) == (["always"], ["0"])
    # Required, a migrate that failed once would keep it away for good.
    assert "tealgate-migrate.service" in keys["Wants"][0] and "Requires" not in keys
    assert "tealgate-migrate.service" in keys["After"][0]


def test_the_site_tells_the_web_server_the_same_as_the_image_does() -> None:
    told = [
        sorted(re.findall(r"proxy_set_header (\S+)", path.read_text()))
        for path in (FOLDER / "nginx-site.conf", ROOT / "nginx/app.conf.template")
    ]

    assert told[0] == told[1] and len(told[0]) == 9


def test_the_readme_names_every_file() -> None:
    text = (FOLDER / "README.md").read_text()

    assert [path.name for path in FOLDER.iterdir() if path.suffix != ".md" and f"`{path.name}`" not in text] == []


@pytest.mark.skipif(not (shutil.which("nginx") and shutil.which("openssl")), reason="needs nginx and openssl")
def test_web_answers_behind_the_site_and_the_site_says_when_it_does_not(tmp_path: Path, static_root: Path) -> None:
    port = free_port()
    with running_nginx(tmp_path, port):
        wait_for(lambda: asked(port, "/healthz")[0] == 503)
        without = asked(port, "/")
        with running_web(tmp_path, static_root):
            wait_for(lambda: asked(port, "/healthz")[0] == 200)
            page = asked(port, "/")
            login = asked(port, "/login/")[2]
            (style,) = re.findall(r'"(/static/tealgate/base\.[0-9a-f]{12}\.css)"', login)
            of_another_version = re.sub("[0-9a-f]{12}", "0123456789ab", style)
            kept = [kept_by_browsers(port, path) for path in (style, of_another_version, "/static/gone.css")]

    assert without[0] == 503 and "Deployments go on without it" in without[2]
    # The scheme is believed: it would be sent to https:// otherwise.
    assert page[:2] == (302, "/login/?next=/")
    assert kept == [(200, "max-age=315360000, public, immutable"), (200, "no-store"), (404, "no-store")]


@contextmanager
def running_web(home: Path, static_root: Path) -> Iterator[None]:
    """As tealgate-web.service starts it: its command, its variables, with its folders below `home`."""
    keys = unit("tealgate-web.service")
    given = dict(word.split("=", 1) for line in keys["Environment"] for word in shlex.split(line))
    database = File(home / "tealgate.sqlite3")
    environment = {name: value.replace("/run/tealgate", str(home)) for name, value in given.items()}
    environment |= {
        "SECRET_KEY": "s" * 64,
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": database.url,
        "WEB_WORKERS": "1",
        "STATIC_ROOT": str(static_root),
    }
    shell = [sys.executable, "manage.py", "shell", "--no-imports", "--command"]
    database.make_tables(lambda code: subprocess.run([*shell, code], cwd=ROOT, env=environment, check=True))
    command = keys["ExecStart"][0].replace(f"{CURRENT}/.venv/bin/python", sys.executable)
    with (
        (home / "web.log").open("wb") as log,
        subprocess.Popen(shlex.split(command), cwd=ROOT, env=environment, stdout=log, stderr=log) as web,
    ):
        try:
            yield
        finally:
            web.terminate()
            assert web.wait(30) == 0


@contextmanager
def running_nginx(home: Path, port: int) -> Iterator[None]:
    """With the site as it is, but for ports and paths, in a configuration as Debian's includes sites."""
    plain = free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={HOST}"]
        + ["-keyout", str(home / "key.pem"), "-out", str(home / "certificate.pem")],
        capture_output=True,
        check=True,
    )
    site = (FOLDER / "nginx-site.conf").read_text()
    for there, here in (
        ("/run/tealgate", home),
        ("/etc/ssl/tealgate", home),
        ("443 ", f"{port} "),
        ("80;", f"{plain};"),
    ):
        site = site.replace(there, str(here))
    if not Path("/proc/net/if_inet6").exists():
        site = re.sub(r"listen \[::\].*", "", site)
    temporary = "".join(
        f"{name}_temp_path {home}/{name};" for name in ("client_body", "proxy", "fastcgi", "scgi", "uwsgi")
    )
    user = "user root;" if os.getuid() == 0 else ""  # pytest's folders are closed to others
    whole = home / "nginx.conf"
    whole.write_text(f"daemon off; pid {home}/pid; {user}\nevents {{}}\nhttp {{\n{temporary}\n{site}\n}}\n")
    with subprocess.Popen(["nginx", "-c", str(whole), "-e", str(home / "nginx.log")]) as nginx:
        try:
            yield
        finally:
            nginx.terminate()
            nginx.wait(30)


def asked(port: int, path: str) -> tuple[int, str, str]:
    """Status, where to, body; 0 while nobody listens."""
    status, headers, body = answered(port, path)
    return status, headers.get("Location", ""), body


def kept_by_browsers(port: int, path: str) -> tuple[int, str]:
    status, headers, _ = answered(port, path)
    return status, headers.get("Cache-Control", "")


def answered(port: int, path: str) -> tuple[int, dict[str, str], str]:
    unverified = ssl._create_unverified_context()  # noqa: S323 - self-signed, on loopback
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=5, context=unverified)
    try:
        connection.request("GET", path, headers={"Host": HOST})
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read().decode()
    except OSError:
        return 0, {}, ""
    finally:
        connection.close()
