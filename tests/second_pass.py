"""What `.ci/run` leaves out of its second pass, on PostgreSQL, as options of pytest: `python -m tests.second_pass`.

Nothing there has a database of its tests'. The files of tests/config name the one that each process is to have, and
most bring a PostgreSQL along. Tealgates that are started there as processes are measured or shown; what they do with
theirs is told by the stories in tests/flows, which are told on both.
"""

WITHOUT = (
    *("tests/aws", "tests/bench", "tests/browser", "tests/definitions", "tests/demo", "tests/evidence", "tests/fakes"),
    *("tests/identity", "tests/moving", "tests/outbound", "tests/preflight/sandboxed", "tests/recipes"),
    *("tests/sandbox", "tests/swaps"),
    *(f"tests/config/test_{each}.py" for each in ("compose", "pgbouncer", "postgresql", "restore", "start")),
)
#: Pages in a browser: what they ask of the database is asked again by their neighbours.
SHOWN = ("tests/admin/addresses/test_by_keys.py", "tests/admin/addresses/test_seen.py")


def main() -> None:
    print(*(f"--ignore={path}" for path in (*WITHOUT, *SHOWN)))


if __name__ == "__main__":
    main()
