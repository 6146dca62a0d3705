"""chown, chgrp and chmod as the scripts of a bundle find them on an instance.

    commands.py NAME [OPTION ...] [OWNER or MODE] FILE ...

A file is meant as the instance has it, below INSTANCE_ROOT. Users of AWS's images, such as ec2-user, are not on this
machine and only root could give files away, so an owner is accepted for every file that is there, and forgotten.
"""

import os
import sys

NAMES = ("chown", "chgrp", "chmod")


def provide(directory: str) -> None:
    """Put them into a directory for a PATH."""
    os.makedirs(directory, exist_ok=True)
    for name in NAMES:
        path = os.path.join(directory, name)
        with open(path, "w") as file:
            file.write(f'#!/bin/sh\nexec "{sys.executable}" -S -E "{__file__}" {name} "$@"\n')
        os.chmod(path, 0o755)  # noqa: S103 - whoever runs a script may run it


def main(name: str, *words: str) -> int:
    if name == "chmod":
        os.execv("/bin/chmod", ["chmod", *map(_on_the_instance, words)])  # noqa: S606 - as the script asked
    files = [word for word in words if not word.startswith("-")]
    if not any(word.startswith("--reference") for word in words):
        files = files[1:]
    missing = [file for file in files if not os.path.lexists(_on_the_instance(file))]
    for file in missing:
        print(f"{name}: cannot access '{file}': No such file or directory", file=sys.stderr)
    if not files:
        print(f"{name}: missing operand", file=sys.stderr)
    return 1 if missing or not files else 0


def _on_the_instance(word: str) -> str:
    below = os.path.join(os.environ["INSTANCE_ROOT"], os.path.normpath(word).lstrip("/"))
    return below if word.startswith("/") and os.path.lexists(below) else word


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
