"""How connections to PostgreSQL find out that nobody is at the other end any more, and how long a question may take."""

from typing import Any

from config.settings.reading import Reader

#: libpq's own names; seconds, but for tcp_user_timeout, which is in milliseconds. Without them a connection that a
#: failover or a NAT gateway has forgotten is waited for until the kernel gives up: a quarter of an hour.
NOTICED = {
    "connect_timeout": 10,
    "tcp_user_timeout": 8000,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
#: PostgreSQL's own names, in milliseconds. A page has answered or given up before gunicorn's time is over.
LONGEST = {"statement_timeout": 60_000, "lock_timeout": 15_000, "idle_in_transaction_session_timeout": 60_000}
POOLERS = ("none", "transaction")


def over_the_network(read: Reader, database: dict[str, Any]) -> None:
    """Complete `database`, one of DATABASES; what its address says itself stands."""
    #: Whether connections go through pgbouncer, and in which of its modes: `none` or `transaction`.
    pooler = read.choice("DATABASE_POOLER", "none", POOLERS)
    #: Connections of each process to PostgreSQL, which its threads share. What a server must allow in all is in
    #: [self-hosting](self-hosting.md#connections-to-postgresql).
    database["CONNECTIONS"] = read.number("DATABASE_CONNECTIONS", 4, lowest=2, highest=256)
    # A thread gives its connection back after each page or task, for another to go on with.
    database["CONN_MAX_AGE"] = 0
    options = database.setdefault("OPTIONS", {})
    for name, value in NOTICED.items():
        options.setdefault(name, value)
    if pooler == "transaction":
        # A server-side cursor, or what a connection was told when it began, is another one's at the next transaction.
        database["DISABLE_SERVER_SIDE_CURSORS"] = True
        options.setdefault("prepare_threshold", None)
    else:
        options.setdefault("options", " ".join(f"-c {name}={value}" for name, value in LONGEST.items()))
