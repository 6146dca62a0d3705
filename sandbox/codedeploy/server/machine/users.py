"""Who there is on an instance: the users of Amazon Linux, and those that user data or scripts have added.

A user is an id of this machine. Where the sandbox runs as root, each but root has one of its own, far from those of
people; elsewhere all are the sandbox's own user, because nothing else can be had.
"""

import os
import stat

AMAZON_LINUX = {"root": 0, "bin": 1, "daemon": 2, "adm": 3, "mail": 8, "nobody": 99, "sshd": 74, "ec2-user": 1000}
APART = 50_000
ABSENT = "su: user {name} does not exist or the user entry does not contain all the required fields"


def write(path: str, added: list[str], *, apart: bool) -> None:
    """The instance's own /etc/passwd: a name and an id of this machine a line."""
    numbers = AMAZON_LINUX | {name: 1001 + place for place, name in enumerate(added)}
    with open(path, "w") as file:
        for name, number in numbers.items():
            here = os.getuid() if name == "root" or not apart else APART + number
            file.write(f"{name}:{here}\n")


def read(path: str) -> dict[str, int]:
    with open(path) as file:
        return {name: int(number) for name, _, number in (line.strip().partition(":") for line in file)}


def reachable(path: str) -> bool:
    """Whether every user of this machine may read this file, or run this program."""
    path = os.path.realpath(path)
    folders = [path]
    while folders[-1] != os.path.dirname(folders[-1]):
        folders.append(os.path.dirname(folders[-1]))
    return all(os.stat(each).st_mode & stat.S_IXOTH for each in folders)


def path_of(root: str) -> str:
    return os.path.join(f"{root}.commands", "users")
