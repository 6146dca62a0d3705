"""What `.ci/run` leaves out of its second pass, on PostgreSQL, as options of pytest: `python -m tests.second_pass`.

Nothing there has a database of its tests'. Tealgates that are started there as processes are measured or shown; what
they do with theirs is told by the stories in tests/flows, which are told on both.
"""

WITHOUT = (
    *("tests/aws", "tests/bench", "tests/browser", "tests/definitions", "tests/demo", "tests/evidence", "tests/fakes"),
    *("tests/identity", "tests/moving", "tests/outbound", "tests/preflight/sandboxed", "tests/recipes"),
    *("tests/sandbox", "tests/swaps"),
)


def main() -> None:
    print(*(f"--ignore={folder}" for folder in WITHOUT))


if __name__ == "__main__":
    main()
