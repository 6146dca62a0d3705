"""Lets a database's password be changed while Tealgate runs, where it is kept in something that can be read again."""

from typing import Any

from config.postgresql.credentials import Unreadable, in_address_file, in_secret
from config.settings.reading import Reader

_FIX = (
    'Set it to a secret\'s ARN or to {"username": "…", "password": "…"}, or name such a file in DATABASE_SECRET_FILE.'
)
_EXAMPLE = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:tealgate-db"


def rotating(read: Reader, database: dict[str, Any], secret: str) -> None:
    """Put into `database`, one of DATABASES, what has it find its password anew."""
    name, file = "DATABASE_SECRET", read.file_of("DATABASE_SECRET")
    address_file = read.file_of("DATABASE_URL")
    if database["ENGINE"] != "django.db.backends.postgresql":
        if secret:
            read.complain(
                name, "is set, and DATABASE_URL names no PostgreSQL", "Set it with PostgreSQL only.", _EXAMPLE
            )
        return
    database["ENGINE"] = "config.postgresql"
    if secret:
        if database["USER"] or database["PASSWORD"]:
            read.complain(
                "DATABASE_URL", f"has a user or a password, and so has {name}", f"Leave them out beside {name}.",
                "postgres://db.example.com:5432/tealgate?sslmode=require",
            )  # fmt: skip
        credentials = in_secret(secret, file)
        if not secret.startswith("arn:"):
            try:
                read.secrets.add(credentials.read().password)
            except Unreadable:
                read.complain(name, "cannot be understood", _FIX, _EXAMPLE)
    elif address_file:
        credentials = in_address_file(address_file)
    else:
        return
    database["CREDENTIALS"] = credentials
