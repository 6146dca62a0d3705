"""gunicorn's settings, from the environment like all others."""

import gc
import os
import sys
from pathlib import Path
from typing import Any

# gunicorn reads this file before it makes the project importable.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

from django.apps import apps  # noqa: E402

if not apps.ready:  # as when gunicorn reads this once more, on SIGHUP
    gc.disable()  # as manage.py does

from django.conf import settings  # noqa: E402

from config import liveness  # noqa: E402
from config.settings.reading import Reader  # noqa: E402
from deployments import logs  # noqa: E402
from deployments.ops import collected, system_checks  # noqa: E402

# Reading them here ends the master with one message when a setting is wrong, before a worker is started.
logconfig_dict = settings.LOGGING

read = Reader.from_environment()
#: Where the web server listens; `unix:/path` for a socket.
bind = read.text("WEB_BIND", "127.0.0.1:8000", example="0.0.0.0:8000")
#: Where `/healthz` is answered beside the threads of pages; `unix:/path` for a socket. The image has `127.0.0.1:8001`.
health_bind = read.text("WEB_HEALTH_BIND", "", example="127.0.0.1:8001")
#: Its processes.
workers = read.number("WEB_WORKERS", 2, lowest=1, highest=64)
#: Requests that each process works on at once. Clients that only wait are beside them: `API_WAITING`.
threads = read.number("WEB_THREADS", 8, lowest=1, highest=256)
#: How many seconds more what is being answered may take after SIGTERM; ECS and our compose.yaml kill after 30.
graceful_timeout = read.number("WEB_GRACEFUL_SECONDS", 25, lowest=1, highest=115)
read.finish()


def on_starting(server: Any) -> None:
    """In the master, once the application is loaded and before anything listens."""
    if wrong := collected.trouble():
        read.complain("STATIC_ROOT", f"({settings.STATIC_ROOT}) {wrong}", collected.FIX, str(settings.STATIC_ROOT))
    read.finish()
    if settings.PLAIN_HTTP:
        logs.get("config.gunicorn").warning(system_checks.NOT_ENCRYPTED, site_url=settings.SITE_URL)


def when_ready(server: Any) -> None:
    """In the master, once it listens; the processes that it forks from now on share the socket."""
    if not health_bind:
        return
    try:
        liveness.listen(health_bind)
    except (OSError, ValueError) as error:
        read.complain("WEB_HEALTH_BIND", f"cannot be listened at ({error})", "Name a free one.", "127.0.0.1:8001")
    read.finish()


def post_worker_init(worker: Any) -> None:
    from deployments.ops import presence  # the models are there only now

    liveness.answer()
    presence.begin()


def worker_exit(server: Any, worker: Any) -> None:
    liveness.finish()


worker_class = "config.web_worker.Worker"
# A plan's preview asks AWS a dozen questions before it answers.
timeout = 90
# A recycled worker gives memory back; the jitter keeps them from going at once. It is missed for up to a second, so
# not more often than some times a day.
max_requests = 100_000
max_requests_jitter = 20_000
# The heartbeat between master and workers is a file: on a disk it can block for seconds.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - the kernel's memory
preload_app = True
control_socket_disable = True
# The application writes a line for each request itself, with the request's id.
accesslog = None
