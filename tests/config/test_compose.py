"""compose.yaml as far as it can be checked without an engine; tests/image runs the same processes from the images."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ("web", "worker", "migrate")
DEPENDING = ("web", "worker")


def sources(*folders: str) -> str:
    return "\n".join(path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.py"))


def test_every_service_is_there() -> None:
    assert set(SERVICES) == {"nginx", "web", "worker", "migrate", "postgres", "backup", "redis"}


@pytest.mark.parametrize("name", OURS)
def test_settings_have_names_that_tealgate_reads(name: str) -> None:
    read = set(re.findall(r'read\.\w+\(\s*"([A-Z_]+)"', sources("config")))

    assert {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]} <= read


def test_memory_is_limited_as_terraform_s_smallest_tasks_are() -> None:
    module = (ROOT / "infra/terraform/modules/tealgate/variables.tf").read_text()
    smallest = set(re.findall(r"var\.(web|worker)\.memory >= (\d+)", module))

    assert {(name, SERVICES[name]["mem_limit"].removesuffix("m")) for name in DEPENDING} == smallest
    assert SERVICES["nginx"]["mem_limit"] == "128m"


def test_settings_have_names_that_nginx_s_start_reads() -> None:
    read = set(re.findall(r"\$\{([A-Z_]+):-", (ROOT / "nginx/start.sh").read_text()))

    assert set(SERVICES["nginx"]["environment"]) <= read


@pytest.mark.parametrize("host", ["gate.example.org", "gatehouse", "10.0.0.5", "[fd00::5]"])
def test_settings_are_accepted_with_their_secrets_in_files_and_follow_the_host(host: str, tmp_path: Path) -> None:
    """Web's: the others have the same without where to listen."""
    values = {"secret_key": "s" * 64, "database_url": "postgres://tealgate:password@postgres:5432/tealgate"}
    variables = {}
    for variable, value in SERVICES["web"]["environment"].items():
        filled = re.sub(r"\$\{TEALGATE_HOST[^}]*\}", host, str(value)).replace("${TIME_ZONE:-UTC}", "UTC")
        if variable.endswith("_FILE"):
            (tmp_path / Path(filled).name).write_text(values[Path(filled).name])
            filled = str(tmp_path / Path(filled).name)
        variables[variable] = filled
    show = (
        "from django.core.management import call_command; call_command('check'); "
        "from django.conf import settings as s; print(s.ALLOWED_HOSTS[0], s.SITE_URL, *s.CSRF_TRUSTED_ORIGINS, "
        "s.SESSION_COOKIE_SECURE)"
    )
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", show]
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings.production", **variables}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"{host} https://{host} https://{host} True"


def test_the_build_gives_all_settings_that_it_takes() -> None:
    (step,) = re.findall(
        r"^RUN (SECRET_KEY=.*?collectstatic)", (ROOT / "Dockerfile").read_text(), re.MULTILINE | re.DOTALL
    )
    command = f"{step.replace('/opt/venv/bin/python', sys.executable)} --dry-run --noinput --verbosity 0"

    done = subprocess.run(
        ["sh", "-euc", command], cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_commands_exist() -> None:
    said = " ".join(" ".join(service.get("command", [])) for service in SERVICES.values())
    managed = set(re.findall(r"manage\.py (\w+)", said))

    assert managed == {"worker", "migrate", "create_roles"}
    assert managed <= set(get_commands())
    alive = ["CMD", "python", "-m", "config.alive"]
    assert [SERVICES[name]["healthcheck"]["test"] for name in ("web", "worker")] == [alive, [*alive, "worker"]]


@pytest.mark.parametrize("name", DEPENDING)
def test_nothing_starts_before_the_migration_is_done(name: str) -> None:
    assert SERVICES[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_whoever_is_waited_for_has_a_health_check() -> None:
    awaited = {
        other
        for service in SERVICES.values()
        for other, how in service.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }

    assert awaited == {"web", "postgres", "redis"}
    assert all("healthcheck" in SERVICES[name] for name in awaited)


def test_images_from_elsewhere_are_pinned() -> None:
    named = [service["image"] for service in SERVICES.values() if "build" not in service]
    named += re.findall(
        r"ARG BASE_IMAGE=(\S+)", (ROOT / "Dockerfile").read_text() + (ROOT / "nginx/Dockerfile").read_text()
    )

    assert len(set(named)) == 4
    assert SERVICES["backup"]["image"] == SERVICES["postgres"]["image"]  # pg_dump is not older than the server
    assert [name for name in named if not re.search(r":\d+\.\d+(\.\d+)?-[\w-]+@sha256:[0-9a-f]{64}\}?$", name)] == []


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_writes_to_its_root_or_has_rights_that_it_does_not_take(name: str) -> None:
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["tmpfs"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service.get("cap_add", [])) <= {"CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"}
    assert name == "postgres" or "cap_add" not in service


@pytest.mark.parametrize(("name", "folder"), [("web", "."), ("nginx", "nginx")])
def test_a_base_may_be_given_by_digest_and_is_the_dockerfiles_own_otherwise(name: str, folder: str) -> None:
    (base,) = re.findall(r"ARG BASE_IMAGE=(\S+)", (ROOT / folder / "Dockerfile").read_text())

    assert re.fullmatch(r"\$\{[A-Z]+_IMAGE:-(.+)\}", SERVICES[name]["build"]["args"]["BASE_IMAGE"])[1] == base  # type: ignore[index]


def test_every_secret_is_a_file_that_the_script_makes_and_somebody_reads() -> None:
    script = (ROOT / ".secrets.example/compose.sh").read_text()
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == f".secrets/compose/{name}"
        assert name in script
        readers = [service for service in SERVICES.values() if name in service.get("secrets", [])]
        assert any(f"/run/secrets/{name}" in service["environment"].values() for service in readers), name


@pytest.mark.parametrize("name", ["nginx", *OURS])
def test_our_own_have_no_rights_and_time_to_end(name: str) -> None:
    service = SERVICES[name]

    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert service["stop_grace_period"] == "30s"
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_the_script_makes_secrets_once_and_keeps_them(tmp_path: Path) -> None:
    shutil.copytree(ROOT / ".secrets.example", tmp_path / ".secrets.example")
    command = [str(tmp_path / ".secrets.example/compose.sh"), "gate.example.org"]

    subprocess.run(command, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / ".secrets/compose").iterdir()}
    subprocess.run(command, check=True, capture_output=True)

    assert set(made) == set(COMPOSE["secrets"])
    assert made == {path.name: path.read_text() for path in (tmp_path / ".secrets/compose").iterdir()}
    assert made["database_password"].strip() in made["database_url"]
    assert len(made["secret_key"].strip()) >= 50
    assert (tmp_path / ".env").read_text() == "TEALGATE_HOST=gate.example.org\n"
    assert (tmp_path / ".secrets/compose").stat().st_mode & 0o777 == 0o700


def run_script(home: Path, host: str) -> str:
    return subprocess.check_output([str(home / ".secrets.example/compose.sh"), host], text=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / ".secrets.example", tmp_path / ".secrets.example")
    return tmp_path


def names(home: Path) -> list[str]:
    """Of the certificate."""
    command = ["openssl", "x509", "-in", str(home / ".secrets/compose/tls_certificate"), "-noout"]
    said = subprocess.check_output([*command, "-ext", "subjectAltName"], text=True)
    return re.findall(r"(?:DNS|IP Address):\S+", said)


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
@pytest.mark.parametrize(
    ("host", "called", "name"),
    [
        ("Gatehouse", "gatehouse", "DNS:gatehouse"),
        ("10.0.0.5", "10.0.0.5", "IP Address:10.0.0.5"),
        ("[FD00::5]", "[fd00::5]", "IP Address:FD00:0:0:0:0:0:0:5"),
        (f"{'gate.' * 15}example.org", f"{'gate.' * 15}example.org", f"DNS:{'gate.' * 15}example.org"),
    ],
)
def test_another_host_is_taken_up_by_settings_and_certificate_and_all_else_is_kept(
    host: str, called: str, name: str, home: Path
) -> None:
    run_script(home, "gate.example.org")
    (home / ".env").write_text("TRUSTED_PROXIES=10.0.0.0/8\n" + (home / ".env").read_text())
    before = {path.name: path.read_text() for path in (home / ".secrets/compose").iterdir()}

    told = run_script(home, host)

    after = {path.name: path.read_text() for path in (home / ".secrets/compose").iterdir()}
    assert (home / ".env").read_text() == f"TRUSTED_PROXIES=10.0.0.0/8\nTEALGATE_HOST={called}\n"
    assert {each for each in after if after[each] != before[each]} == {"tls_certificate", "tls_key"}
    assert names(home) == [name]
    assert f"wrote TEALGATE_HOST={called} to .env" in told
    assert "made" not in run_script(home, host) and "wrote" not in run_script(home, host)


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_a_certificate_of_somebody_else_s_is_kept_and_said_to_be_for_another_host(home: Path) -> None:
    run_script(home, "gate.example.org")
    made = home / ".secrets/compose"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=gate.example.org",
         "-addext", "subjectAltName=DNS:gate.example.org",
         "-keyout", str(made / "tls_key"), "-out", str(made / "tls_certificate")],
        check=True, capture_output=True,
    )  # fmt: skip
    theirs = (made / "tls_certificate").read_text()

    assert "is not for" not in run_script(home, "gate.example.org")
    assert "tls_certificate is not for gatehouse: replace it and tls_key" in run_script(home, "gatehouse")
    assert (made / "tls_certificate").read_text() == theirs


@pytest.mark.parametrize("host", ["a b", "gate:8443", "https://gate", "[gate:1]", "fd00::5", ""])
def test_the_script_refuses_what_is_no_host(host: str, tmp_path: Path) -> None:
    done = subprocess.run([ROOT / ".secrets.example/compose.sh", host], capture_output=True, text=True, cwd=tmp_path)

    assert (done.returncode, "HOST" in done.stderr) == (64, True)
    assert os.listdir(tmp_path) == []
