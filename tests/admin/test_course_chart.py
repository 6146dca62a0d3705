"""What the chart of a deployment's page is given, its table, the bar below it and the events, folded by stage."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F

import deployments
from deployments.delivery.models import Deployment, Measurement
from deployments.record.append import append_event
from deployments.vocabulary import DeploymentKind, Slot, Status
from tests.admin.conftest import Browser
from tests.admin.test_deployment_page import page
from tests.delivery.engine.world import World


def chart(text: str) -> dict[str, Any]:
    found = re.search(r'<script id="chart-data" type="application/json">(.+?)</script>', text)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def measured(deployment: Deployment, looks: int = 3) -> None:
    """Ten requests a second on each side, every ten seconds; instead of the fixture's own looks, all of one moment."""
    assert deployment.started_at
    Measurement.objects.filter(deployment=deployment).delete()
    Measurement.objects.bulk_create(
        Measurement(
            deployment=deployment, at=deployment.started_at + timedelta(seconds=10 * n), slot=slot, requests=100 * n,
            percent=10 if slot == Slot.GREEN else 90, errors_5xx=0, latency_ms=12.5, healthy=2, targets=2,
        )
        for n in range(looks) for slot in Slot
    )  # fmt: skip


def test_the_chart_has_old_and_new_in_panes_on_one_axis(shifting: Deployment, browse: Browser, outsider: User) -> None:
    measured(shifting)

    data = chart(page(browse, outsider, shifting))

    assert [pane["key"] for pane in data["panes"]] == ["share", "requests", "errors", "latency"]
    assert [line["name"] for line in data["panes"][1]["lines"]] == ["old", "new"]
    assert {len(line["values"]) for pane in data["panes"] for line in pane["lines"]} == {len(data["x"])}
    assert data["x"] == sorted(data["x"])
    assert [value for value in data["panes"][1]["lines"][1]["values"] if value] == [10.0, 10.0]
    assert data["panes"][2]["limit"] == 1.0
    assert [gate[2] for gate in data["gates"]] == ["approved by approver"]


def test_without_a_script_the_same_is_a_table(shifting: Deployment, browse: Browser, outsider: User) -> None:
    measured(shifting)

    text = page(browse, outsider, shifting)

    table = text[text.index('id="course-table"') :]
    assert "<td>10</td><td>0\u00a0%</td><td>12\u00a0ms</td>" in table
    assert "gate, approved by approver" in table


def test_looks_and_events_of_a_short_swap_are_told_apart_by_their_seconds_also_later(
    shifting: Deployment, browse: Browser, outsider: User
) -> None:
    Deployment.objects.filter(pk=shifting.pk).update(started_at=F("started_at") - timedelta(days=9))
    shifting.refresh_from_db()
    measured(shifting)

    text = page(browse, outsider, shifting)

    table = text[text.index('id="course-table"') : text.index('id="events-title"')]
    times = re.findall(r'<th scope="row"><time[^>]+data-local="exact">(.+?) UTC</time>', table)
    assert len(times) == len({*times}) == len(re.findall('<th scope="row">', table))
    happened = text[text.index('id="events-title"') :]
    assert re.search(r'tg-events-when"><time[^>]+data-local="exact">\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC', happened)


def test_what_ran_before_without_a_release_is_called_neither_old_nor_new(
    shifting: Deployment, browse: Browser, outsider: User
) -> None:
    sides = page(browse, outsider, shifting)

    names = re.findall(r'tg-slotbox-version">(.+?)</span><span class="tg-num', sides)
    assert [" ".join(re.sub(r"<[^>]+>", "", each).split()) for each in names] == ["what was live before", "new 1.1.0"]


def test_a_page_of_very_many_looks_stays_light(shifting: Deployment, browse: Browser, outsider: User) -> None:
    measured(shifting, looks=1000)

    data = chart(page(browse, outsider, shifting))

    assert len(data["x"]) < 260
    assert len(json.dumps(data)) < 20_000


def test_a_deployment_that_nothing_measures_says_so_instead_of_an_empty_chart(
    world: World, browse: Browser, outsider: User
) -> None:
    deployment = world.request()
    deployment.settings |= {"blue_service": "", "green_service": ""}
    deployment.plan["steps"] = [{**step, "percent": None} for step in deployment.plan["steps"]]
    Deployment.objects.filter(pk=deployment.pk).update(
        settings=deployment.settings, plan=deployment.plan, status=Status.STOPPED
    )

    text = page(browse, outsider, deployment)

    assert "chart-data" not in text
    assert "Old and new are behind one address here, so they are not measured side by side." in text


@pytest.mark.parametrize(("theme", "surface"), [(":root", "#ffffff"), (".dark", "#111a2b")])
def test_old_and_new_stand_out_from_the_surface_of_both_themes(theme: str, surface: str) -> None:
    css = (Path(deployments.__file__).parent / "static" / "tealgate" / "base.css").read_text()
    block = css[css.index(f"{theme} {{") :]

    for name in ("old", "new"):
        colour = re.search(rf"--tg-{name}: (#[0-9a-f]{{6}})", block)
        assert colour
        assert contrast(colour[1], surface) >= 3


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_first_release_has_no_old_side(shifting: Deployment, browse: Browser, outsider: User) -> None:
    measured(shifting)
    Deployment.objects.filter(pk=shifting.pk).update(kind=DeploymentKind.FIRST)

    text = page(browse, outsider, shifting)

    assert 'aria-label="new 1.1.0 10\u00a0%"' in text
    assert [line["name"] for line in chart(text)["panes"][1]["lines"]] == ["new"]


def test_a_long_headline_leaves_room_for_the_rest(shifting: Deployment, browse: Browser, outsider: User) -> None:
    said = "CodeDeploy failed the deployment for a reason. " * 8
    Deployment.objects.filter(pk=shifting.pk).update(waiting_for=said.strip())

    text = page(browse, outsider, shifting)

    assert text.count("CodeDeploy failed the deployment for a reason.") == 8
    now, rest = text[text.index('class="tg-head-now"') :].split("All that was said", 1)
    assert now.count("CodeDeploy failed") == 5
    assert rest[: rest.index("</details>")].count("CodeDeploy failed") == 3


def test_events_are_folded_by_stage_and_the_newest_is_open(
    at_gate: Deployment, browse: Browser, outsider: User
) -> None:
    text = page(browse, outsider, at_gate)

    happened = text[text.index('id="events-title"') :]
    groups = re.findall(r'<details class="tg-details tg-event-group" id="events-(\w+)"( open)?>', happened)
    assert [is_open for _, is_open in groups] == [" open"] + [""] * (len(groups) - 1)
    assert re.search(r"Try out <span.+?Post test traffic shift</small> · \d events?", happened)
    assert 'class="tg-events" tabindex="0" aria-label="Events of Try out"' in happened


def test_the_end_of_the_last_stage_is_told_once(
    world: World, warm: Deployment, browse: Browser, outsider: User
) -> None:
    now, said = world.clock(), "1.1.0 has all traffic; shop-blue is scaled to 0"
    append_event(warm, "stage.succeeded", said, now=now)
    append_event(warm, "deployment.successful", said, now=now)

    assert page(browse, outsider, warm).count(said) == 1


def test_a_sentence_is_said_once_where_a_deployment_stopped(world: World, browse: Browser, outsider: User) -> None:
    said, deployment = "The image does not exist.", world.request()
    run = {"stage": deployment.stage, "position": 0, "outcome": "STOPPED", "detail": said}
    deployment.stage_runs.create(started_at=world.clock(), finished_at=world.clock(), **run)
    Deployment.objects.filter(pk=deployment.pk).update(status=Status.STOPPED, status_reason=said)

    assert page(browse, outsider, deployment).count(said) == 1


def test_while_the_source_is_warm_the_bar_counts_down_to_the_last_chance(
    warm: Deployment, browse: Browser, requester: User
) -> None:
    text = page(browse, requester, warm)

    bar = text[text.index('class="tg-now"') : text.index("<dialog", text.index('class="tg-now"'))]
    assert re.search(r"tg-button-danger[^>]+do/roll-back/[^>]+>.+?Roll back <span.+?data-countdown", bar)
    assert re.findall(r'data-dialog="do-([\w-]+)"', bar) == ["extend", "finish", "roll-back"]


def test_of_a_deployment_that_is_over_shares_are_those_of_its_end(
    warm: Deployment, browse: Browser, outsider: User
) -> None:
    assert ">Production traffic<" in page(browse, outsider, warm)

    Deployment.objects.filter(pk=warm.pk).update(status=Status.SUCCESSFUL)

    assert ">Production traffic when it ended<" in page(browse, outsider, warm)


def test_after_it_turned_back_the_bar_leads_to_what_went_wrong(
    warm: Deployment, browse: Browser, requester: User
) -> None:
    failure = {"sentence": "Not healthy", "log": ["booting"]}
    Deployment.objects.filter(pk=warm.pk).update(status=Status.ROLLBACK_SUCCESSFUL, failure=failure)

    text = page(browse, requester, warm)

    bar = text[text.index('class="tg-now"') :]
    assert re.findall(r'data-key="button-([\w-]+)"', bar) == ["deploy-again", "what-went-wrong"]
    assert 'href="#failure"' in bar
