from deployments.preflight.report import Level
from tests.preflight.world import healthy_account, look, release


def test_a_healthy_account_has_nothing_to_complain_about() -> None:
    report = look(healthy_account(), release())

    assert report.passed
    assert report.of(Level.ERROR, Level.WARNING, Level.UNKNOWN) == ()
    assert all(result.seen.endswith(".") and not result.fix for result in report.results)


def test_preflight_changes_nothing_and_reads_each_thing_once() -> None:
    account = healthy_account()

    look(account, release())

    assert account.performed == []
    assert {name: count for name, count in account.calls.items() if count > 1} == {}


def test_without_a_release_its_checks_are_left_out() -> None:
    checks = {result.check for result in look(healthy_account()).results}

    assert not any(check.startswith("image-") for check in checks)
    assert "live-slot" in checks


def test_a_report_can_be_kept_as_json() -> None:
    first = look(healthy_account()).as_json()[0]

    assert first == {
        "check": "access-role",
        "level": "ok",
        "seen": "Tealgate works as arn:aws:iam::123456789012:role/tealgate.",
        "fix": "",
        "group": "access",
    }
