"""Looks for what looks like a secret in the files given, or in all that git knows. Exits 1 when it finds one.

A line that only looks like one says so: `not a secret`.
"""

import re
import subprocess
import sys
from pathlib import Path

PATTERNS = {
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    "an AWS secret key": re.compile(r"(?i)aws_secret_access_key\W{1,4}[A-Za-z0-9/+]{40}\b"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "a GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})"),
    "a Slack token": re.compile(r"\bxox[abpr]-[A-Za-z0-9-]{10,}"),
    "a password in an address": re.compile(
        r"\b(?:postgres(?:ql)?|rediss?|amqps?)://[^\s:/@'\"]+:(?!password|pw|hunter2|hun)[^\s/@'\"{}<>$]{6,}@"
    ),
}


def main() -> int:
    paths = sys.argv[1:] or subprocess.check_output(["git", "ls-files"], text=True).splitlines()  # noqa: S607
    found = [line for path in paths for line in _found_in(Path(path))]
    for line in found:
        print(line)
    return 1 if found else 0


def _found_in(path: Path) -> list[str]:
    if path.parts[0] == ".secrets":
        return [f"{path}: is for this machine only and must not be committed"]
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError):
        return []  # an image, or a file that is deleted by this commit
    return [
        f"{path}:{number}: looks like {what}"
        for number, line in enumerate(text.splitlines(), 1)
        for what, pattern in PATTERNS.items()
        if pattern.search(line) and "not a secret" not in line
    ]


if __name__ == "__main__":
    sys.exit(main())
