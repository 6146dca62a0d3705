"""What scripts of a bundle find on an instance instead of this machine's own chown, chgrp, chmod and useradd.

    commands.py NAME [OPTION ...] [OWNER or MODE] FILE ...

A file is meant as the instance has it, below INSTANCE_ROOT, and a user is one of the instance's. Where all users are
one (see ``users``), an owner of a file that is there is accepted and forgotten.
A copy of this file runs beside the instance, as any of its users, so it takes nothing of the sandbox.
"""

import os
import sys

ROOT = os.environ.get("INSTANCE_ROOT", "")
USERS = os.path.join(f"{ROOT}.commands", "users")


def main(name: str, *words: str) -> int:
    if name == "useradd":
        return _add(words[-1] if words else "")
    if name == "chmod":
        os.execv("/bin/chmod", ["chmod", *map(_on_the_instance, words)])  # noqa: S606 - as the script asked
    given = [word for word in words if not word.startswith("-")]
    by_reference = any(word.startswith("--reference") for word in words)
    owner, files = ("", given) if by_reference else (given[0] if given else "", given[1:])
    if not files:
        return _complain(f"{name}: missing operand")
    unknown = [each for each in _named(name, owner) if not each[1].isdigit() and each[1] not in _users()]
    if unknown:
        kind, _ = unknown[0]
        return _complain(f"{name}: invalid {kind}: '{owner}'")
    missing = [file for file in files if not os.path.lexists(_on_the_instance(file))]
    for file in missing:
        _complain(f"{name}: cannot access '{file}': No such file or directory")
    if missing or not _apart():
        return 1 if missing else 0
    mapped = [_numbers(name, word) if word == owner else _on_the_instance(word) for word in words]
    os.execv(f"/bin/{name}", [name, *mapped])  # noqa: S606 - as the script asked


def _complain(words: str) -> int:
    print(words, file=sys.stderr)
    return 1


def _users() -> dict[str, str]:
    with open(USERS) as file:
        return dict(line.strip().split(":") for line in file)


def _apart() -> bool:
    return len(set(_users().values())) > 1


def _named(name: str, owner: str) -> list[tuple[str, str]]:
    user, _, group = owner.partition(":") if name == "chown" else ("", "", owner)
    return [(kind, each) for kind, each in (("user", user), ("group", group)) if each]


def _numbers(name: str, owner: str) -> str:
    known = _users()
    user, colon, group = owner.partition(":") if name == "chown" else ("", "", owner)
    # "ec2-user:" is the user and its own group, which has the user's number.
    group = group or (user if colon else "")
    return known.get(user, user) + colon + known.get(group, group)


def _add(name: str) -> int:
    known = _users()
    if name in known:
        _complain(f"useradd: user '{name}' already exists")
        return 9
    if os.getuid() != int(known["root"]):
        return _complain("useradd: Permission denied.")
    number = max(map(int, known.values())) + 1 if _apart() else os.getuid()
    with open(USERS, "a") as file:
        file.write(f"{name}:{number}\n")
    return 0


def _on_the_instance(word: str) -> str:
    below = os.path.join(ROOT, os.path.normpath(word).lstrip("/"))
    return below if word.startswith("/") and os.path.lexists(below) else word


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
