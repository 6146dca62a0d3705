"""What `.ci/run` leaves out of its second pass, on PostgreSQL, as options of pytest: `python -m tests.second_pass`.

What is WITHOUT has no database of its tests'. The files of tests/config name the one that each process is to have, and
most bring a PostgreSQL along. Tealgates that are started there as processes are measured or shown; what they do with
theirs is told by those stories in tests/flows that have a web and a worker, on both.
"""

WITHOUT = (
    *("tests/aws", "tests/bench", "tests/browser", "tests/definitions", "tests/demo", "tests/evidence", "tests/fakes"),
    *("tests/identity", "tests/moving", "tests/ops/test_sharing.py", "tests/outbound", "tests/preflight/sandboxed"),
    *("tests/recipes", "tests/sandbox", "tests/swaps"),
    *(f"tests/test_{each}.py" for each in ("forkserver", "patterns", "second_try")),
    *(
        f"tests/config/test_{each}.py"
        for each in (
            *("alive", "certificates", "compose", "documents", "hosts", "liveness", "lock", "pgbouncer", "postgresql"),
            *("restore", "settings_page", "sharing", "start", "translated_documents", "web_worker"),
        )
    ),
)
#: Pages in a browser, in another language or for one role after the other: what they ask of the database is asked again
#: by their neighbours. test_hostile_requests opens all addresses and sends all their forms.
SHOWN = tuple(
    f"tests/admin/addresses/test_{each}.py" for each in ("by_keys", "every_role", "seen", "states", "translated")
)
#: Stories in which the tests' own process is Tealgate. What the engine asks of the database there it asks in
#: tests/delivery, and in one file of stories for each controller that stays: test_canary, test_express,
#: test_moving_house (CodeDeploy), test_neighbours_native, test_neighbours_rolling, test_servers_beside.
TOLD = tuple(
    f"tests/flows/test_{each}.py"
    for each in (
        *("code_deploy", "ecs_native", "gateways", "hooks", "https_in_seoul", "least_privilege", "neighbours_pair"),
        *("network", "protected_tasks", "rolling", "scheduled_tasks", "servers", "several_rules", "turning_back"),
    )
)


def main() -> None:
    print(*(f"--ignore={path}" for path in (*WITHOUT, *SHOWN, *TOLD)))


if __name__ == "__main__":
    main()
