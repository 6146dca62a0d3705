"""infra/observability: what rules and dashboard ask for is told, and each alert fires when it should and only then."""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from deployments.delivery.models import EventsQueue, Gate, Presence
from deployments.ops.models import AwsCallCount, Certificate, Heartbeat
from deployments.vocabulary import GateStatus
from tests.delivery.engine.world import make_world
from tests.ops.rows import make_token
from tests.stack_database import ROOT

FOLDER = ROOT / "infra/observability"
RULES = yaml.safe_load((FOLDER / "tealgate.rules.yaml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((FOLDER / "tealgate.dashboard.json").read_text())
ASKED = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())
]

#: Alert to a series with labels, values that make it fire, and values that are as they should be; a value a minute.
SAMPLES = {
    "TealgateDoesNotAnswer": ('up{job="tealgate"}', "0x30", "1x30"),
    "TealgateDatabaseDoesNotAnswer": ("tealgate_database_up", "0x30", "1 0 1x28"),
    "TealgateNobodyLooks": ("tealgate_heartbeat_age_seconds", "61+60x30", "1x9 50 1x20"),
    "TealgateUnwatched": ('tealgate_unwatched_seconds{application="shop",environment="live"}', "61+60x30", "5x30"),
    "TealgateRollBackFailed": (
        'tealgate_deployments{application="shop",environment="live",status="ROLLBACK_FAILED"}', "0x20 1x10", "1x30"),
    "TealgateDeploymentFailed": (
        'tealgate_deployments{application="shop",environment="live",status="FAILED"}', "0x20 1x10", "1x30"),
    "TealgateCredentialsRefused": ('tealgate_operator_alerts{kind="credentials_refused"}', "1x30", "0x30"),
    "TealgateWorkersBehind": ("tealgate_due_oldest_seconds", "61+60x30", "0x20 59 0x9"),
    "TealgateEventsNotRead": ("tealgate_events_queue_age_seconds", "0+60x30", "20x30"),
    "TealgateClockIsWrong": ("tealgate_clock_ahead_seconds", "-16x30", "14x30"),
    "TealgateGateWaits": ("tealgate_open_gate_oldest_seconds", "14401x30", "14000x30"),
    "TealgateDeniedByAws": (
        'tealgate_aws_calls_total{operation="UpdateService",outcome="denied"}', "0x25 1x5", "7x30"),
    "TealgateThrottledByAws": (
        'tealgate_aws_calls_total{operation="DescribeTasks",outcome="throttled"}', "0+10x30", "0+1x30"),
    "TealgateCertificateEnds": (
        'tealgate_certificate_ends_seconds{host="t.example:443"}', "1209599-60x90", "1300000x90"),
    "TealgateTokenEnds": ("tealgate_token_ends_seconds", "259199-60x90", "1300000x90"),
    "TealgateWebhookReceiverAway": ("tealgate_webhook_oldest_seconds", "601+60x30", "0x20 300 0x9"),
    "TealgateWebhookOff": ("tealgate_webhook_off", "1x30", "0x30"),
    "TealgateNotificationsWait": ("tealgate_notification_oldest_seconds", "601+60x30", "0x20 300 0x9"),
    "TealgateNotificationAddressOff": ("tealgate_notification_off", "1x30", "0x30"),
}  # fmt: skip


@pytest.mark.django_db
def test_each_number_and_label_that_is_asked_for_is_told(client: Client) -> None:
    told = fully_scraped(client)

    for expression in ASKED:
        for name, selector in re.findall(r"(tealgate_[a-z_]+)(?:\{([^}]*)\})?", expression):
            assert name in told, expression
            assert set(re.findall(r"([a-z_]+)=~?\"", selector)) - {"job"} <= told[name], expression


def test_each_rule_says_how_urgent_it_is_what_is_wrong_and_where_to_read_on() -> None:
    headings = re.findall(r"(?m)^#+ (.+)$", (ROOT / "docs/operations.md").read_text())
    anchors = {f"docs/operations.md#{heading.lower().replace(' ', '-')}" for heading in headings}

    assert {rule["alert"] for rule in RULES} == set(SAMPLES)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"].endswith(".")
        assert rule["annotations"]["runbook"] in anchors, rule["alert"]


def test_the_dashboard_is_of_whichever_source_one_chooses() -> None:
    panels = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]

    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert {panel["datasource"]["uid"] for panel in panels} == {"${datasource}"}
    assert all(panel["title"] and panel["description"].endswith(".") for panel in panels)
    assert [each["name"] for each in DASHBOARD["templating"]["list"]] == ["datasource", "job"]


def test_the_dashboard_is_as_grafana_reads_one() -> None:
    """By its own documentation: a grid of 24 columns in which nothing lies on another, and variables that are there."""
    taken: set[tuple[int, int]] = set()
    variables = {f"${{{each['name']}}}" for each in DASHBOARD["templating"]["list"]}
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}  # fmt: skip
        assert panel["type"] in ("row", "stat", "timeseries") and place["x"] + place["w"] <= 24 and not cells & taken
        taken |= cells
        targets = panel.get("targets", [])
        assert bool(targets) == (panel["type"] != "row")
        assert len({target["refId"] for target in targets}) == len(targets)
        for target in targets:
            assert {target["datasource"]["uid"], panel["datasource"]["uid"]} <= variables
            assert set(re.findall(r"\$\w+", target["expr"])) <= {"$job", "$__rate_interval", "$__interval"}
            by = ",".join(re.findall(r"\bby \(([^)]*)\)", target["expr"]))
            assert set(re.findall(r"{{(\w+)}}", target.get("legendFormat", ""))) <= set(re.split(r",\s*", by))


@pytest.mark.skipif(not shutil.which("promtool"), reason="needs prometheus")
def test_each_alert_fires_when_it_should_and_only_then(tmp_path: Path) -> None:
    stories = [
        story(series, values, fires=alert if values == wrong else "", calm=alert)
        for alert, (series, wrong, right) in SAMPLES.items()
        for values in (wrong, right)
    ]
    file = tmp_path / "stories.yaml"
    file.write_text(yaml.safe_dump({"rule_files": [str(FOLDER / "tealgate.rules.yaml")], "tests": stories}))

    ran = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, timeout=60)

    assert ran.returncode == 0, ran.stdout + ran.stderr


def story(series: str, values: str, *, fires: str, calm: str) -> dict[str, Any]:
    """One test of promtool's: after these values `fires` is the alert that fires, or `calm` one that does not."""
    asked = {
        "eval_time": "90m" if "x90" in values else "28m",
        "expr": f'count(ALERTS{{alertname="{fires or calm}",alertstate="firing"}})',
        "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
    }
    return {"interval": "1m", "input_series": [{"series": series, "values": values}], "promql_expr_test": [asked]}


def fully_scraped(client: Client) -> dict[str, set[str]]:
    """Each number that there can be, with its labels."""
    now = timezone.now()
    deployment = make_world().request()
    for position, closed in enumerate((None, now)):
        Gate.objects.create(
            deployment=deployment, stage="POST_TEST_TRAFFIC_SHIFT", position=position, opened_at=now, expires_at=now,
            status=GateStatus.SUCCEEDED if closed else GateStatus.AWAITING_ACTION, closed_at=closed,
        )  # fmt: skip
    deployment.stage_runs.create(stage="BAKE", position=1, started_at=now, finished_at=now, outcome="SUCCEEDED")
    Heartbeat.objects.create(token="host:1:a", beat_at=now)
    EventsQueue.objects.create(read_at=now)
    Presence.objects.create(clock_ahead=150, clock_seen_at=now)
    AwsCallCount.objects.create(operation="DescribeServices", outcome="throttled", count=1)
    Certificate.objects.create(host="t.example:443", ends_at=now, looked_at=now)
    make_token(made_at=now - timedelta(days=30), expires_at=now + timedelta(days=9))
    answer = client.get("/metrics").content.decode()
    samples = [sample for family in text_string_to_metric_families(answer) for sample in family.samples]
    return {sample.name: set(sample.labels) for sample in samples}
