"""Alarms, the 5xx watch, and how long things take."""

from dataclasses import replace
from datetime import timedelta

from deployments.frozen import GateSpec
from tests.preflight.world import NOW, SHOP, error, healthy_account, look, ok, warning


def test_an_alarm_that_does_not_exist_is_an_error() -> None:
    assert "The alarm shop-latency does not exist in this account and region" in error(
        look(healthy_account(), alarms=(SHOP.alarm, "shop-latency")), "alarms"
    )


def test_an_alarm_in_alarm_is_an_error_that_says_since_when_and_why() -> None:
    account = healthy_account()
    account.alarm(SHOP.alarm, "ALARM", "Threshold crossed: 12 datapoints")
    account.alarm_states[SHOP.alarm] = replace(account.alarm_states[SHOP.alarm], changed_at=NOW - timedelta(minutes=12))

    sentence = error(look(account), "alarms")

    assert "The alarm shop-5xx has been in ALARM for 12 min: Threshold crossed: 12 datapoints." in sentence
    assert "rolled back at once" in sentence


def test_an_alarm_without_data_is_a_warning() -> None:
    account = healthy_account()
    account.alarm(SHOP.alarm, "INSUFFICIENT_DATA")

    assert "The alarm shop-5xx has been in INSUFFICIENT_DATA. It may not notice" in warning(look(account), "alarms")


def test_no_alarms_at_all_is_a_warning_without_a_call() -> None:
    account = healthy_account()

    assert "No CloudWatch alarm is named" in warning(look(account, alarms=()), "alarms")
    assert account.calls["alarms"] == 0


def test_the_5xx_watch_being_off_is_a_warning() -> None:
    assert "The watch over 5xx answers is off" in warning(look(healthy_account(), max_5xx_percent=100.0), "watch-5xx")


def test_the_default_deregistration_delay_is_a_warning() -> None:
    account = healthy_account()
    account.doctor_group("green", deregistration_delay=300)

    sentence = warning(look(account), "deregistration-delay")

    assert "Every target that leaves shop-green drains for 5 min, which is AWS's default" in sentence
    assert "deregistration_delay.timeout_seconds" in sentence


def test_a_longer_deregistration_delay_is_somebody_s_choice_but_still_slow() -> None:
    account = healthy_account()
    account.doctor_group("green", deregistration_delay=900)

    assert "drains for 15 min; each scale-down" in warning(look(account), "deregistration-delay")


def test_the_time_of_a_deployment_is_estimated_with_its_bake_times() -> None:
    report = look(healthy_account(), ladder="1:300, 5:600, 100", gates=(GateSpec(stage="BAKE_TIME"),))

    assert ok(report, "deployment-time") == (
        "Until all is baked, one deployment takes about 6 min as blue/green, 16 min as canary, 60 min as linear and "
        "21 min by the ladder, and the time that 1 gate will wait (about 75 s to start and become healthy, 5 min at "
        "100 %). The source is then kept for 60 min and drains for 30 s."
    )


def test_how_soon_a_sick_target_is_noticed_is_said() -> None:
    assert "A sick target is noticed after 20 s (2 checks, 10 s apart)" in ok(
        look(healthy_account()), "health-check-timing"
    )
