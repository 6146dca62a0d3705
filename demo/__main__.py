"""`make demo`: Tealgate with an AWS account on this machine, in one foreground process.

It looks at the ports, migrates and fills a database under .demo/, starts the sandbox, the web server, the
worker, a mail server and a little traffic, says where to look, and ends all of them on Ctrl-C. The next start
goes on where this one stopped; `make demo-reset` begins afresh.
"""

import argparse
import os
import secrets
import shutil
import sys
import urllib.error
import urllib.request
from pathlib import Path

from config.demo_people import PASSWORD, PEOPLE
from demo import ports
from demo.children import Child, Children, run_to_end, say
from demo.ports import Trouble

ROOT = Path(__file__).resolve().parent.parent
#: How many times faster than AWS the sandbox's clock runs: health checks and draining take seconds.
SCALE = 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description="Try Tealgate on this machine.")
    parser.add_argument("--reset", action="store_true", help="forget what an earlier demo did")
    parser.add_argument("--home", type=Path, default=ROOT / ".demo", help="where it keeps what it remembers")
    arguments = parser.parse_args()
    home: Path = arguments.home
    os.chdir(ROOT)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # whoever tries the demo may be signed in to a real account
    children = Children()
    try:
        ports.require_free()
        if arguments.reset and home.exists():
            shutil.rmtree(home)
        start(children, home)
        children.watch()
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    finally:
        children.end()
    say("Stopped. `make demo` goes on from here, `make demo-reset` starts afresh.")
    return 0


def start(children: Children, home: Path) -> None:
    home.mkdir(exist_ok=True)
    environment = tealgate_environment(home)
    sandbox_url = f"http://127.0.0.1:{ports.SANDBOX.number}/_sandbox"
    say("Preparing the database and starting an AWS account on this machine ...")
    run_to_end(["manage.py", "migrate", "--verbosity", "0"], environment, "Preparing the database")
    sandbox = Child("sandbox", sandbox_command(home), {})
    children.start(sandbox)
    children.wait_for(lambda: answers(f"{sandbox_url}/health"), sandbox, 60)
    if children.stopping:
        return
    token = home / "ci-token"
    seed = ["manage.py", "seed_demo", "--world", f"{sandbox_url}/world", "--listeners", f"{sandbox_url}/listeners"]
    run_to_end([*seed, "--mail", "--token", str(token)], environment, "Filling the database")
    web = Child("web", [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.conf.py", "config.wsgi"],
                {**environment, "WEB_BIND": f"127.0.0.1:{ports.TEALGATE.number}"})  # fmt: skip
    worker = Child("worker", [sys.executable, "manage.py", "worker"], environment)
    traffic = Child("traffic", [sys.executable, "-m", "demo.traffic", production_url(), "12"], {})
    mail = Child("mail", [sys.executable, "-m", "demo.mail", str(ports.MAIL.number), str(home / "mail")], {})
    for child in (web, worker, mail, traffic):
        children.start(child)
    children.wait_for(lambda: answers(f"{tealgate_url()}/healthz"), web, 60)
    if not children.stopping:
        welcome(worker, token.read_text())


def tealgate_environment(home: Path) -> dict[str, str]:
    """Only for Tealgate: no other AWS account than the sandbox's can be reached by accident."""
    key = home / "secret-key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(50))
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "SECRET_KEY_FILE": str(key),
        "SECRET_KEY": "",
        "DATABASE_URL": f"sqlite:///{home / 'tealgate.sqlite3'}",
        "SITE_URL": tealgate_url(),
        "QUEUE": "orm",
        "EVENTS_QUEUE": "sqs://us-east-1/tealgate-events",
        "DEMO_MAIL": str(home / "mail"),
        "MAIL_URL": f"smtp+plain://127.0.0.1:{ports.MAIL.number}",
        "MAIL_FROM": "Tealgate <tealgate@example.com>",
        "WEB_WORKERS": "1",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports.SANDBOX.number}",
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def sandbox_command(home: Path) -> list[str]:
    command = [sys.executable, "-m", "sandbox", "--port", str(ports.SANDBOX.number), "--scale", str(SCALE)]
    command += ["--state", str(home / "sandbox")]
    for aws_port, port in ports.LISTENERS.items():
        command += ["--listener-port", f"{aws_port}={port.number}"]
    return command


def tealgate_url() -> str:
    return f"http://127.0.0.1:{ports.TEALGATE.number}"


def production_url() -> str:
    return f"http://127.0.0.1:{ports.LISTENERS[8080].number}/"


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - an http address of this machine
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def welcome(worker: Child, token: str) -> None:
    print("\nFrom another terminal, once `make client` has made it:\n")
    print(f"export TEALGATE_URL={tealgate_url()} TEALGATE_TOKEN={token}")
    print("build/tealgate.pyz deploy storefront/staging 1.1.0")
    lines = [
        "",
        f"Tealgate   {tealgate_url()}",
        f"The shop   {production_url()}   production, with a little traffic",
        f"The mail   {tealgate_url()}/demo/inbox/   what its people are told",
        "",
        f"Sign in with the password {PASSWORD} as",
        *(f"  {name:<9} {what}" for name, what in PEOPLE),
        "",
        "Try: as manager, open release 1.1.0 and deploy it to production. Then the approver has mail:",
        "follow its link, sign in as approver, and let it through.",
        "Legacy API, Payments, Catalog and Reports show the other ways to swap; docs/tour.md says how.",
        f"Kill the worker half way if you like: kill -9 {worker.process.pid if worker.process else '?'}",
        "It is started again and the deployment goes on.",
        "",
        "Ctrl-C stops everything.",
        "",
    ]
    width = max(map(len, lines))
    print("\n".join(["", f"  +{'-' * (width + 4)}+", *(f"  |  {line:<{width}}  |" for line in lines)]))
    print(f"  +{'-' * (width + 4)}+\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
