"""Links to logs, dashboards and tickets, with what is known of a deployment or of what is live in their places."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from deployments.catalog.models import Environment, Link, Release
from deployments.delivery.models import Deployment
from deployments.link_template import LinkTemplate, cloudwatch

_TICKET = re.compile(r"\b[A-Z][A-Z0-9]{1,9}-[1-9][0-9]{0,8}\b")


@dataclass(frozen=True, kw_only=True)
class LinkView:
    name: str
    url: str


def of_deployment(deployment: Deployment) -> tuple[LinkView, ...]:
    return _shown((link for link in _links(deployment.environment) if link.on_deployment), of(deployment))


def of_gate(deployment: Deployment) -> tuple[LinkView, ...]:
    return _shown((link for link in _links(deployment.environment) if link.on_gate), of(deployment))


def of_board(environment: Environment, latest: Deployment | None) -> tuple[LinkView, ...]:
    """With what is live; `latest`: the environment's last deployment, by which it may have come."""
    links = [link for link in _links(environment) if link.on_board]
    return _shown(links, _of_live(environment, latest)) if links else ()


def of(deployment: Deployment) -> Mapping[str, str]:
    """By name, every value of a template; "" for what is not known."""
    source = deployment.source_release
    started = deployment.started_at or deployment.created_at
    return {
        **_of_place(deployment.environment),
        **_of_release(deployment.release, deployment.reason),
        **_of_slot(deployment.settings, deployment.target_slot),
        "deployment": str(deployment.pk),
        "previous_version": source.version if source else "",
        **_times(started, deployment.finished_at),
    }


def _of_live(environment: Environment, latest: Deployment | None) -> Mapping[str, str]:
    """Of a deployment under way nothing is live yet that the source did not have, so its own values are not taken."""
    brought = latest if latest and latest.release_id == environment.live_release_id else None
    columns = {name: getattr(environment, name) for name in _SLOT_COLUMNS}
    settings = {**columns, "service_name": environment.service}
    values = {**_of_place(environment), **_of_slot(settings, environment.live_slot)}
    if environment.live_release:
        values |= _of_release(environment.live_release, brought.reason if brought else "")
    if environment.live_since:
        values |= _times(environment.live_since, None)
    return values | ({"deployment": str(brought.pk)} if brought else {})


_SLOT_COLUMNS = ("blue_service", "green_service", "blue_target_group", "green_target_group")


def _of_place(environment: Environment) -> dict[str, str]:
    log_group = environment.log_group
    return {
        "application": environment.application.slug,
        "environment": environment.name,
        "region": environment.region,
        "account": environment.account_id or _account(environment.role_arn),
        "cluster": environment.cluster.rpartition("/")[2],
        "log_group": log_group,
        "cloudwatch_log_group": cloudwatch(log_group),
    }


def _account(role_arn: str) -> str:
    return role_arn.split(":")[4] if role_arn.count(":") >= 5 else ""


def _of_release(release: Release, reason: str) -> dict[str, str]:
    ticket = _TICKET.search(reason) or _TICKET.search(release.notes)
    return {"version": release.version, "git_sha": release.git_sha, "ticket": ticket[0] if ticket else ""}


def _of_slot(settings: Mapping[str, str], slot: str) -> dict[str, str]:
    """Where there is one service only, that one; a target group's ARN ends in targetgroup/NAME/ID."""
    arn = settings.get(f"{slot}_target_group", "") if slot else settings.get("blue_target_group", "")
    service = settings.get("service_name", "") or (settings.get(f"{slot}_service", "") if slot else "")
    parts = arn.split("/")
    return {"service": service.rpartition("/")[2], "target_group": parts[1] if len(parts) == 3 else ""}


def _times(started: datetime, ended: datetime | None) -> dict[str, str]:
    return {
        "started": _said(started),
        "started_ms": _ms(started),
        "ended": _said(ended) if ended else "",
        "ended_ms": _ms(ended) if ended else "now",
    }


def _said(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _ms(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _links(environment: Environment) -> list[Link]:
    return list(environment.application.links.all())


def _shown(links: Iterable[Link], values: Mapping[str, str]) -> tuple[LinkView, ...]:
    found = (LinkView(name=link.name, url=LinkTemplate(link.template).url(values)) for link in links)
    return tuple(view for view in found if view.url)
