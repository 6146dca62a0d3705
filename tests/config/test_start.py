"""Starting for real, in a process of its own with an environment of its own."""

import gc
import runpy
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "ALLOWED_HOSTS": "tealgate.example.com",
    "DATABASE_URL": "sqlite:////tmp/never-opened.sqlite3",
}
MANAGE = ("manage.py", "check")
GUNICORN = ("-m", "gunicorn", "--check-config", "--config", "config/gunicorn.conf.py", "config.wsgi")
WORKER = ("manage.py", "worker")


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("command", [MANAGE, GUNICORN, WORKER])
def test_missing_settings_end_every_program_with_one_message_each(command: tuple[str, ...]) -> None:
    ended = run(*command, DJANGO_SETTINGS_MODULE="config.settings.production")

    assert ended.returncode == 78
    assert ended.stderr.splitlines()[0] == "Tealgate cannot start: 3 settings need attention."
    assert [line.split()[1] for line in ended.stderr.splitlines()[1:]] == [
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "DATABASE_URL",
    ]


def test_production_is_clean_for_a_deployment_with_few_settings(static_root: Path) -> None:
    ended = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **GOOD, STATIC_ROOT=str(static_root))

    assert (ended.returncode, ended.stderr) == (0, "")
    assert "no issues (0 silenced)" in ended.stdout


def test_the_roles_that_a_setting_lists_are_those_that_are_assumed() -> None:
    asked = (
        "from deployments.aws.role_arns import is_allowed\n"
        "print([is_allowed(f'arn:aws:iam::123456789012:role/{name}') for name in ('tealgate-shop', 'release-shop')])"
    )
    answers = [
        run("manage.py", "shell", "--no-imports", "-c", asked, **GOOD, **given).stdout
        for given in ({}, {"AWS_ROLE_ARNS": "arn:aws:iam::*:role/release-*"})
    ]

    assert answers == ["[True, False]\n", "[False, True]\n"]


def test_garbage_is_looked_for_once_everything_is_imported() -> None:
    ended = run("manage.py", "shell", "--no-imports", "-c", "import gc; print(gc.isenabled())", **GOOD)

    assert ended.stdout == "True\n"


def test_garbage_is_looked_for_after_a_reload_of_gunicorn_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])  # to which it adds

    runpy.run_path(str(ROOT / "config/gunicorn.conf.py"))

    assert gc.isenabled()


def test_gunicorn_accepts_few_settings() -> None:
    assert run(*GUNICORN, **GOOD).returncode == 0


def test_secrets_are_not_printed_when_they_are_wrong() -> None:
    ended = run(
        *MANAGE,
        **GOOD
        | {
            "REGISTRY_SECRET_GHCR": "robot:hunter2@ghcr.io",
            "WEBHOOK_SECRET_SHOP": "hunter2",
            "SEALING_KEYS": f"{'k' * 32}, hunter2",
            "METRICS_TOKEN": "hunter2",
            "DATABASE_URL": "mysql://gate:hunter2@db/gate",
        },
    )

    assert ended.returncode == 78
    assert "5 settings need attention" in ended.stderr
    assert "REGISTRY_SECRET_GHCR is no https address with a user and a password" in ended.stderr
    assert "WEBHOOK_SECRET_SHOP is too short (7 characters)" in ended.stderr
    assert "SEALING_KEYS has a key of 7 characters" in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout


def test_every_host_at_once_is_refused() -> None:
    ended = run(*MANAGE, **GOOD | {"ALLOWED_HOSTS": "*"})

    assert "ALLOWED_HOSTS has '*'. Name the hosts" in ended.stderr


def test_a_misspelt_name_is_told_with_the_one_that_is_near() -> None:
    others = {name: value for name, value in GOOD.items() if name != "DATABASE_URL"}

    ended = run(*MANAGE, **others, DATABSE_URL="sqlite:////tmp/x", PATH="/bin", LOG_LEVELS_OF_OTHERS="1")

    assert ended.returncode == 78
    assert "DATABASE_URL is not set" in ended.stderr
    assert "DATABSE_URL is no setting, and DATABASE_URL is not set. Call it DATABASE_URL" in ended.stderr
    assert "2 settings need attention" in ended.stderr


def test_plain_http_is_one_setting_and_cookies_follow_it() -> None:
    show = (
        "from django.conf import settings as s; print(s.SECURE_SSL_REDIRECT, s.SESSION_COOKIE_SECURE, "
        "s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS, s.PLAIN_HTTP)"
    )

    plain = run("-c", show, **GOOD | {"SITE_URL": "http://tealgate.internal"})
    secure = run("-c", show, **GOOD)

    assert plain.stdout == "False False False 0 True\n"
    assert secure.stdout == "True True True 31536000 False\n"


def test_sending_everybody_to_an_https_that_is_not_there_is_refused() -> None:
    ended = run(*MANAGE, **GOOD | {"SITE_URL": "http://tealgate.internal", "SECURE_SSL_REDIRECT": "true"})

    assert "SECURE_SSL_REDIRECT sends everybody to HTTPS, where SITE_URL says that there is none" in ended.stderr


def test_an_sqlite_file_on_efs_is_refused_before_it_is_opened() -> None:
    mounted = "127.0.0.1:/ /srv/efs nfs4 rw 0 0"
    start = (
        "import pathlib, django; read = pathlib.Path.read_text; pathlib.Path.read_text = lambda path, *args, **named: "
        f"{mounted!r} if str(path) == '/proc/self/mounts' else read(path, *args, **named); django.setup()"
    )

    refused = run("-c", start, **GOOD | {"DATABASE_URL": "sqlite:////srv/efs/db.sqlite3"})
    taken = run("-c", start, **GOOD)

    assert "DATABASE_URL is an SQLite file on a file system of the network (nfs4), such as EFS" in refused.stderr
    assert (refused.returncode, taken.returncode, taken.stderr) == (78, 0, "")


def test_the_check_names_plain_http_and_what_to_do(static_root: Path) -> None:
    ended = run("manage.py", "check", **GOOD | {"SITE_URL": "http://tealgate.internal"})

    assert "(tealgate.W002) Pages are not encrypted: SITE_URL begins with http://." in ended.stderr
    assert "Elsewhere give it a certificate" in ended.stderr


def test_named_secrets_reach_the_settings() -> None:
    show = "from django.conf import settings; print(settings.REGISTRY_SECRETS, settings.WEBHOOK_SECRETS)"
    given = {"REGISTRY_SECRET_GHCR": "https://robot:token@ghcr.io", "WEBHOOK_SECRET_SHOP": "0123456789abcdef"}

    ended = run("-c", show, **GOOD | given)

    assert ended.stdout == "{'GHCR': 'https://robot:token@ghcr.io'} {'SHOP': '0123456789abcdef'}\n"


def test_links_and_forms_use_the_first_host_unless_told_otherwise() -> None:
    show = "from django.conf import settings; print(settings.SITE_URL, settings.CSRF_TRUSTED_ORIGINS)"

    ended = run("-c", show, **GOOD | {"ALLOWED_HOSTS": "gate.example.org,other.example.org"})

    assert ended.stdout == "https://gate.example.org ['https://gate.example.org']\n"


def test_postgresql_connections_are_shared_by_the_threads_of_a_process() -> None:
    kept = "[settings.DATABASES['default'][name] for name in ('CONNECTIONS', 'CONN_MAX_AGE')]"
    show = f"from django.conf import settings; print({kept})"

    ended = run("-c", show, **GOOD | {"DATABASE_URL": "postgres://gate:pw@db/gate"})

    assert ended.stdout == "[4, 0]\n"


def test_postgresql_connections_that_are_lost_without_a_word_are_noticed_and_questions_end() -> None:
    show = "from django.conf import settings; print(settings.DATABASES['default'])"

    direct = run("-c", show, **GOOD | {"DATABASE_URL": "postgres://gate:pw@db/gate?connect_timeout=3"})
    pooled = run("-c", show, **GOOD | {"DATABASE_URL": "postgres://gate:pw@db/gate", "DATABASE_POOLER": "transaction"})

    assert "'tcp_user_timeout': 8000" in direct.stdout and "'connect_timeout': 3" in direct.stdout
    assert "-c statement_timeout=60000 -c lock_timeout=15000" in direct.stdout
    # pgbouncer refuses what a connection is told when it begins, and gives cursors away.
    assert "statement_timeout" not in pooled.stdout and "'DISABLE_SERVER_SIDE_CURSORS': True" in pooled.stdout


def test_below_a_path_cookies_links_and_static_files_have_it_and_origins_have_not() -> None:
    show = (
        "from django.conf import settings as s; import django; django.setup(); from django.urls import reverse; "
        "print(s.STATIC_URL, s.SESSION_COOKIE_PATH, s.CSRF_TRUSTED_ORIGINS, reverse('admin:login'))"
    )

    ended = run("-c", show, **GOOD | {"SITE_URL": "https://example.org/tools/tealgate/"})

    assert ended.stdout == (
        "/tools/tealgate/static/ /tools/tealgate ['https://example.org'] /tools/tealgate/login/\n"
    ), ended.stderr
