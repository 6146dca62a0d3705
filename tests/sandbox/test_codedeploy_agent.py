"""The program on an instance: what it does with scripts, owners and files that are not as they should be."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.codedeploy.server.appspec import AppSpec, BadAppSpec, Script, parse
from sandbox.codedeploy.server.instance import Instance
from sandbox.codedeploy.server.machine.users import APART
from sandbox.codedeploy.server.outcomes import outcome
from tests.sandbox.conftest import eventually

SPEC = "version: 0.0\nos: linux\n"


class Machine:
    """An instance with a bundle on it."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o711)
        self.instance = Instance("i-0", "127.0.0.1", folder / "i-0", ["reports"])
        self.root = self.instance.root
        self.archive = self.root / "opt/codedeploy-agent/deployment-root/g/d-1/deployment-archive"
        self.archive.mkdir(parents=True)
        self.log = ""

    @property
    def users_are_apart(self) -> bool:
        users = (Path(f"{self.root}.commands") / "users").read_text()
        return len({line.partition(":")[2] for line in users.splitlines()}) > 1

    def ask(self, **command: Any) -> dict[str, Any]:
        number = self.instance.ask(**command)
        answer = eventually(lambda: self.instance.answer(number))
        assert answer is not None
        return answer

    def run(self, text: str | bytes, name: str = "scripts/set_owner", *, mode: int = 0o644, **more: Any) -> Any:
        """errorCode and message of a script with this text."""
        path, script = self.archive / name, Script(name, more.pop("shown", 60), **more)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(mode)
        return self.outcome(script, path)

    def outcome(self, script: Script, path: Path, timeout: float = 10) -> tuple[str, str]:
        home = self.archive.parent
        answer = self.ask(
            do="run",
            script=str(path),
            runas=script.runas,
            cwd=str(self.root),
            logs=str(home / "logs"),
            timeout=timeout,
            environment={"LIFECYCLE_EVENT": "AfterInstall"},
        )
        self.log = "".join(answer["log"])
        return outcome(answer, script, f"/{path.relative_to(self.root)}", str(self.root))

    def install(self, spec: AppSpec, exists: str = "DISALLOW", ours: tuple[str, ...] = ()) -> dict[str, Any]:
        return self.ask(
            do="install",
            **{"from": str(self.archive)},
            root=str(self.root),
            files=spec.files,
            permissions=spec.permissions,
            exists=exists,
            ours=list(ours),
        )


@pytest.fixture
def machine() -> Iterator[Machine]:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are closed to the instance's users
        machine = Machine(Path(folder))
        yield machine
        machine.instance.close()


GOOD = ("Success", "Succeeded")
AT = "Script at specified location: scripts/set_owner"


def test_a_script_without_a_first_line_and_without_rights_runs_in_a_shell(machine: Machine) -> None:
    assert machine.run("chown ec2-user:ec2-user /opt\necho $LIFECYCLE_EVENT; echo oops >&2\n") == GOOD

    assert sorted(machine.log.splitlines()) == ["[stderr]oops", "[stdout]AfterInstall"]
    assert (machine.archive.parent / "logs/scripts.log").read_text() == machine.log
    assert (machine.archive / "scripts/set_owner").stat().st_mode & 0o777 == 0o755


def test_a_script_with_the_line_ends_of_windows_fails_as_its_kernel_finds_it(machine: Machine) -> None:
    there = "/opt/codedeploy-agent/deployment-root/g/d-1/deployment-archive/scripts/set_owner"

    code, said = machine.run("#!/bin/sh\r\ntrue\r\n")
    assert (code, said) == (
        "ScriptFailed",
        f"{AT} failed with error Errno::ENOENT with message No such file or directory - {there}",
    )
    code, said = machine.run("#!/bin/sh\r\ntrue\r\n", runas="root")
    assert (code, said.startswith(f"{AT} run as user root failed with exit code 12")) == ("ScriptFailed", True)


def test_a_byte_order_mark_hides_the_first_line_but_not_the_rest(machine: Machine) -> None:
    assert machine.run(b"\xef\xbb\xbf#!/bin/sh\necho here\n") == GOOD

    assert "[stdout]here" in machine.log
    assert "not found" in machine.log or "No such file" in machine.log


def test_a_script_that_is_not_there_is_named_by_its_place_on_the_instance(machine: Machine) -> None:
    gone = machine.archive / "scripts/set_owner"

    assert machine.outcome(Script("scripts/set_owner", 5), gone) == (
        "ScriptMissing",
        "Script does not exist at specified location: /opt/codedeploy-agent/deployment-root/g/d-1/deployment-archive/"
        "scripts/set_owner",
    )


def test_a_script_that_takes_too_long_ends_with_all_it_started(machine: Machine) -> None:
    pids = machine.root / "pids"
    path = machine.archive / "slow"
    path.write_text(f"sleep 600 & echo $! > {pids}\nsleep 600\n")

    assert machine.outcome(Script("slow", 300), path, timeout=0.5) == (
        "ScriptTimedOut",
        "Script at specified location: slow failed to complete in 300 seconds",
    )
    left = int(pids.read_text())
    eventually(lambda: not _alive(left))


def test_a_server_that_keeps_the_script_s_output_open_is_a_failure(machine: Machine) -> None:
    path = machine.archive / "start"
    path.write_text("sleep 600 &\n")

    assert machine.outcome(Script("start", 300), path, timeout=0.5) == (
        "UnknownError",
        "Script at specified location: start failed to close STDOUT",
    )


def test_a_script_runs_as_the_user_that_it_names(machine: Machine) -> None:
    numbers = []
    for name in ("", "root", "ec2-user", "reports"):
        assert machine.run("id -u\necho home $HOME\n", runas=name) == GOOD
        numbers.append(int(machine.log.partition("[stdout]")[2].split()[0]))

    own, root, person, added = numbers
    assert own == root == os.getuid()
    assert (person, added) == ((APART + 1000, APART + 1001) if machine.users_are_apart else (own, own))
    assert machine.log.endswith(f"home {machine.root}/home/reports\n")


def test_a_user_that_the_machine_does_not_have_is_su_s_failure(machine: Machine) -> None:
    assert machine.run("true\n", runas="www-data") == (
        "ScriptFailed",
        f"{AT} run as user www-data failed with exit code 1",
    )
    assert machine.log == (
        "[stderr]su: user www-data does not exist or the user entry does not contain all the required fields\n"
    )

    assert machine.run("useradd -r www-data\n") == GOOD
    assert machine.run("chown www-data: /opt\n") == GOOD
    assert machine.run("true\n", runas="www-data") == GOOD


def test_an_owner_that_the_machine_does_not_have_is_chown_s_failure(machine: Machine) -> None:
    assert machine.run("chown -R apache:apache /opt\n") == ("ScriptFailed", f"{AT} failed with exit code 1")
    assert machine.log == "[stderr]chown: invalid user: 'apache:apache'\n"

    assert machine.run("chgrp apache /opt\n")[0] == "ScriptFailed"
    assert machine.log == "[stderr]chgrp: invalid group: 'apache'\n"


def test_owners_are_real_where_they_can_be(machine: Machine) -> None:
    if not machine.users_are_apart:
        pytest.skip("Only root can give files away.")
    (machine.root / "srv").mkdir()

    assert machine.run("chown ec2-user:reports /srv\n") == GOOD
    owned = (machine.root / "srv").stat()
    assert (owned.st_uid, owned.st_gid) == (APART + 1000, APART + 1001)
    assert machine.run('touch "$INSTANCE_ROOT/srv/mine"\n', runas="ec2-user") == GOOD
    assert machine.run('touch "$INSTANCE_ROOT/srv/mine"\n', runas="reports")[0] == "ScriptFailed"
    assert machine.run("chown root /srv\n", runas="ec2-user")[0] == "ScriptFailed"
    assert "Operation not permitted" in machine.log


def test_permissions_are_set_on_what_was_installed_below_the_object(machine: Machine) -> None:
    (machine.archive / "html/static").mkdir(parents=True)
    for name in ("index.html", "secret.key", "static/a.css"):
        (machine.archive / "html" / name).write_text(name)
    (machine.root / "var/www").mkdir(parents=True)
    (machine.root / "var/www/theirs").write_text("theirs")
    spec = parse(
        SPEC + "files: [{source: html, destination: /var/www/html}]\n"
        "permissions:\n"
        "  - {object: /var/www, pattern: '*', owner: ec2-user, mode: 750, type: [directory]}\n"
        "  - {object: /var/www/html, except: ['*.key'], mode: 640, type: [file]}\n",
        "",
    )

    answer = machine.install(spec)

    assert answer["installed"][0] == "/var/www/html"
    modes = {
        path: (machine.root / "var/www" / path).stat().st_mode & 0o777
        for path in ("html", "html/index.html", "html/static/a.css", "html/secret.key", "theirs")
    }
    assert modes.pop("theirs") == modes.pop("html/secret.key") == 0o644
    assert modes == {"html": 0o750, "html/index.html": 0o640, "html/static/a.css": 0o640}


def test_what_the_last_deployment_installed_goes_first_and_nothing_else(machine: Machine) -> None:
    (machine.archive / "app").mkdir()
    (machine.archive / "app/one").write_text("1")
    spec = parse(SPEC + "files: [{source: app, destination: /srv/app}]\n", "")
    ours = tuple(machine.install(spec)["installed"])
    (machine.root / "srv/app/theirs").write_text("theirs")
    (machine.archive / "app/one").rename(machine.archive / "app/two")

    answer = machine.install(spec, ours=ours)

    assert answer["installed"] == ["/srv/app/two"]
    assert sorted(path.name for path in (machine.root / "srv/app").iterdir()) == ["theirs", "two"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("permissions: [{object: /srv/app, owner: apache}]\n", "can't find user for apache"),
        (
            "permissions: [{object: /srv, mode: 755}, {object: /srv/app, mode: 700}]\n",
            "The deployment failed because the permissions setting for (/srv/app/one) is specified more than once",
        ),
    ],
)
def test_permissions_that_cannot_be_are_told(machine: Machine, more: str, said: str) -> None:
    (machine.archive / "app").mkdir()
    (machine.archive / "app/one").write_text("1")

    answer = machine.install(parse(SPEC + "files: [{source: app, destination: /srv/app}]\n" + more, ""))

    assert answer["error"].startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "the application specification file was empty"),
        ("version: 1.0\nos: linux\n", "an invalid version value (1.0)"),
        ("version: '0.0'\nos: linux\n", "an invalid version value (0.0)"),
        ("version: 0.0\nos: solaris\n", "an unsupported operating system (solaris)"),
        (SPEC + "files: [{source: /}]\n", "specifies only a source file (/)"),
        (SPEC + "hooks: {AfterInstall: [{timeout: 5}]}\n", "a script with no location value"),
        (SPEC + "hooks: {AfterInstall: [{location: x, timeout: -1}]}\n", "an invalid timeout value"),
        (SPEC + "permissions: [{object: /srv, mode: 999}]\n", "contains an invalid character (9)"),
        (SPEC + "permissions: [{object: /srv, type: [link]}]\n", "an object type not supported for permissions (link)"),
        (SPEC + "file_exists_behavior: MERGE\n", "an invalid file_exists_behavior value (MERGE)"),
    ],
)
def test_an_appspec_that_is_wrong_is_refused_in_the_agent_s_words(content: str, said: str) -> None:
    with pytest.raises(BadAppSpec) as refused:
        parse(content, "/opt")

    assert str(refused.value).startswith("The deployment failed because")
    assert said in str(refused.value)


def test_an_appspec_may_decide_about_files_that_are_there(machine: Machine) -> None:
    (machine.archive / "note").write_text("new")
    (machine.root / "etc").mkdir()
    (machine.root / "etc/note").write_text("old")
    spec = parse(SPEC + "file_exists_behavior: OVERWRITE\nfiles: [{source: note, destination: /etc}]\n", "")

    assert machine.install(spec)["error"].endswith("at this location: /etc/note")
    assert machine.install(spec, spec.exists)["installed"] == ["/etc/note"]


def test_what_an_agent_that_was_killed_has_started_ends_too(machine: Machine) -> None:
    pids = machine.root / "pids"
    assert machine.run(f"sleep 600 > /dev/null 2>&1 &\necho $! > {pids}\n") == GOOD
    left = int(pids.read_text())
    assert _alive(left)

    os.kill(machine.instance.pid, 9)

    eventually(lambda: not _alive(left))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
