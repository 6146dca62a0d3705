"""infra/systemd/README.md's first time, typed in a Debian that has nothing but Python, with what the units start."""

import re
import shlex
import subprocess
from collections.abc import Iterator

import pytest

from tests.config.test_systemd import FOLDER, unit
from tests.image import building
from tests.image.building import HOME, ROOT, buildah

pytestmark = [
    pytest.mark.image,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(building.missing()), reason=building.missing()),
]

CURRENT = "/opt/tealgate/current"
#: What somebody writes into the file of settings, of which all other lines go.
SETTINGS = """SECRET_KEY=only-for-this-test-and-long-enough-to-be-taken-for-a-key-of-sessions
ALLOWED_HOSTS=tealgate.example.com
DATABASE_URL=sqlite:////var/lib/tealgate/tealgate.sqlite3
"""
ASK = """
import http.client, socket, sys, time
for _ in range(300):
    client = socket.socket(socket.AF_UNIX)
    try:
        client.connect(sys.argv[1])
        break
    except OSError:
        time.sleep(0.1)
lines = (f"GET {sys.argv[2]} HTTP/1.0", "Host: tealgate.example.com", "X-Forwarded-Proto: https", "", "")
client.sendall("\\r\\n".join(lines).encode())
answer = http.client.HTTPResponse(client)
answer.begin()
print(answer.status, answer.headers.get("Location", ""))
"""


@pytest.fixture(scope="module")
def debian() -> Iterator[str]:
    """A container with this repository's files where the README wants them."""
    base = building.base("python")
    container = buildah("from", "--pull-never", base).strip()
    try:
        tree = HOME / "tree.tar"
        names = building.listed(".")
        subprocess.run(
            ["tar", "--create", "--file", str(tree), "--null", "--files-from=-"],
            cwd=ROOT, input="\0".join(str(path.relative_to(ROOT)) for path in names).encode(), check=True,
        )  # fmt: skip
        buildah("add", container, str(tree), "/opt/tealgate/1.0.0")
        buildah("copy", container, str(FOLDER), "/etc/systemd/system")
        yield container
    finally:
        buildah("rm", container)


def typed(container: str, script: str) -> str:
    """What it prints; wheels are in a folder, since there is no index to ask. Raises where a line fails."""
    wheels = building.wheels(building.base("python"))
    words = ("--isolation", "chroot", "--volume", f"{wheels}:/wheels:ro", "--env", "PIP_NO_INDEX=1")
    return buildah("run", *words, "--env", "PIP_FIND_LINKS=/wheels", container, "--", "sh", "-ec", script)


def first_time() -> str:
    """The README's lines down to the file of settings, which an editor and systemd follow."""
    (block,) = re.findall(r"## The first time.*?```sh\n(.*?)```", (FOLDER / "README.md").read_text(), re.DOTALL)
    lines = str(block).replace("\\\n", " ").splitlines()
    return "\n".join(lines[: next(number for number, line in enumerate(lines) if line.startswith("editor"))])


def started(name: str, *instead: str) -> str:
    """The unit's commands, or others, as systemd runs them: as its user, in its folder, with variables and settings."""
    keys = unit(name)
    given = " ".join(shlex.quote(word) for line in keys["Environment"] for word in shlex.split(line))
    as_user = f"cd {CURRENT}; setpriv --reuid=tealgate --regid=tealgate --clear-groups env {given} $settings "
    return "\n".join(f"{as_user}{command}" for command in instead or keys["ExecStart"])


def test_the_first_time_in_a_debian_that_has_nothing_but_python(debian: str) -> None:
    folders = "install -d -o tealgate -g tealgate -m 700 /var/lib/tealgate; install -d -o tealgate /run/tealgate"
    settings = f"cat > /etc/tealgate/tealgate.env <<'END'\n{SETTINGS}END\nsettings=$(cat /etc/tealgate/tealgate.env)"
    asked = "\n".join(
        f"{CURRENT}/.venv/bin/python -c {shlex.quote(ASK)} {socket} {path}"
        for socket, path in (("/run/tealgate/health.sock", "/healthz"), ("/run/tealgate/web.sock", "/"))
    )

    is_alive = started("tealgate-worker.service", f"{CURRENT}/.venv/bin/python -m config.alive worker")

    printed = typed(
        debian,
        f"{first_time()}\n{folders}\n{settings}\n{started('tealgate-migrate.service')}\n"
        f"({started('tealgate-web.service')}) & web=$!\n({started('tealgate-worker.service')}) & worker=$!\n"
        f"echo ANSWERS\n{asked}\n"
        f"for second in $(seq 60); do if ({is_alive}) > /dev/null 2>&1; then echo alive; break; fi; sleep 1; done\n"
        "kill $web $worker; wait $web $worker || true",
    )

    answers = [line for line in printed.partition("ANSWERS\n")[2].splitlines() if not line.startswith("{")]
    assert answers == ["200 ", "302 /login/?next=/", "alive"]
