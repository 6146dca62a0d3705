"""A release that is live, or is not and why; and a deployment that does not come to an end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from deployments.delivery.models import Deployment
from deployments.record.kinds import Kind as Happened
from deployments.record.models import Event
from deployments.telling.notifications.content import Content, Tone
from deployments.telling.notifications.wording import changes, failures, names
from deployments.vocabulary import Slot
from deployments.words import full_stop, stage_label

#: What a failed roll back ends with, and what is over by the time that somebody does.
SOMEBODY_HAS_TO_LOOK = ", somebody has to look"


def live(deployment: Deployment, event: Event, now: datetime) -> Content:
    warnings = tuple(str(each) for each in event.data.get("warnings", ()))
    until = deployment.source_kept_until
    warm = until and until > now and not deployment.is_terminal
    release, environment = names.what(deployment), names.where(deployment)
    return _content(
        deployment,
        f"Live: {release} on {environment}",
        (
            full_stop(event.message),
            *warnings,
            *((_stays_warm(deployment, until, now),) if until and warm else ()),
        ),
        tone="good",
        changed=changes.of(deployment),
    )  # fmt: skip


def _stays_warm(deployment: Deployment, until: datetime, now: datetime) -> str:
    old, left = names.before(deployment) or "What ran before", names.left(until, now)
    return f"{old} stays warm until {names.moment(until)}, in {left}: until then a roll back is one step."


def turned_back(deployment: Deployment, event: Event) -> Content:
    """When it begins, when it is done, or when nothing had to be put back."""
    release, environment = names.what(deployment), names.where(deployment)
    match event.kind:
        case Happened.DEPLOYMENT_ROLLBACK_SUCCESSFUL:
            # By now it is known what failed: who only heard that it turns back hears how that went, with the log.
            done = _failed(deployment, event, f"Turned back: {release} on {environment}, {_who_serves(deployment)}")
            return replace(done, is_news=True)
        case Happened.DEPLOYMENT_STOPPED:
            old = names.before(deployment) or "what ran"
            return _failed(deployment, event, f"Stopped: {release} on {environment}, {old} stays live")
    return _failed(deployment, event, f"Turning back: {release} on {environment}")


def rollback_failed(deployment: Deployment, event: Event) -> Content:
    release, environment = names.what(deployment), names.where(deployment)
    subject = _urgent(f"Roll back failed: {release} on {environment}")
    return _failed(deployment, event, subject, "Open the deployment to see what serves, and to have it tried again.")


def stuck(deployment: Deployment, event: Event) -> Content:
    """Or that it moves again: by any event but those that say that it does not."""
    release, environment = names.what(deployment), names.where(deployment)
    match event.kind:
        case Happened.DEPLOYMENT_FAILED:
            return _failed(deployment, event, _urgent(f"Failed: {release} on {environment} was left where it is"))
        case Happened.DEPLOYMENT_STUCK:
            return _failed(deployment, event, f"Stuck: {release} on {environment} makes no progress")
    return _content(deployment, f"Moves again: {release} on {environment}", (full_stop(event.message),), tone="good")


def _urgent(failed: str) -> str:
    return f"{failed}, somebody has to look"


def _who_serves(deployment: Deployment) -> str:
    old = names.before(deployment)
    if deployment.source_slot in {slot.value for slot in Slot}:
        return f"{old or 'what ran before'} has all traffic"
    return f"{old or 'what ran before'} runs again"


def _failed(deployment: Deployment, event: Event, subject: str, *next_step: str) -> Content:
    lines, log = failures.seen(deployment)
    return _content(
        deployment,
        subject,
        (full_stop(event.message), *next_step),
        tone="bad",
        evidence=lines,
        log_tail=log,
    )


def _content(
    deployment: Deployment,
    subject: str,
    sentences: tuple[str, ...],
    *,
    tone: Tone,
    changed: changes.Changes = changes.NONE,
    evidence: tuple[str, ...] = (),
    log_tail: str = "",
) -> Content:
    return Content(
        subject=subject,
        sentences=sentences,
        facts=tuple(_facts(deployment)),
        changes=changed.lines,
        evidence=evidence,
        log_tail=log_tail,
        path=names.of_deployment(deployment),
        link_text="Open the deployment",
        tone=tone,
        place=names.place(deployment),
        typed=(*names.typed(deployment), *changed.typed),
    )


def _facts(deployment: Deployment) -> Iterator[tuple[str, str]]:
    yield from names.asked(deployment)
    yield "Before it", names.before(deployment) or "nothing that Tealgate knows"
    if deployment.started_at:
        yield "Started", names.moment(deployment.started_at)
    if deployment.finished_at:
        yield "Ended", names.moment(deployment.finished_at)
    elif not deployment.is_terminal:
        yield "Stage", stage_label(deployment.stage)
