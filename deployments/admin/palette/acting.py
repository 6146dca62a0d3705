"""What the reader may do. Each leads to the page that asks once more, with everything chosen already."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from django.urls import reverse

from deployments.admin.navigation import waiting_gates
from deployments.admin.palette.asking import BEGINS, EXACT, VERBS, all_fit, fits
from deployments.admin.palette.deploying import deploying
from deployments.admin.palette.entries import Entry, Group, best
from deployments.admin.palette.places import Asked, names_of
from deployments.admin.palette.turning_back import turning_back
from deployments.admin.spoken import HERE, naming
from deployments.languages.told import named, told
from deployments.people import rights

#: An action that was named comes before what only is called so.
NAMED = 600


@dataclass(frozen=True)
class Verb:
    #: of what people call it in each language; what was typed begins one of them
    name: str
    offer: Callable[[Asked, tuple[str, ...]], Iterator[Entry]]
    #: whether it is offered by what it would be done to alone: "1.1.0 production"
    unnamed: bool = False

    def rest(self, asked: Asked) -> tuple[str, ...] | None:
        """What it is to be done to; None when it was not named."""
        words = VERBS[self.name]
        naming = {word: fits(word, words) for word in asked.words if fits(word, words) >= BEGINS}
        # Beside a verb that was named, "pro" is production and not the beginning of promote.
        places = {word for word, fit in naming.items() if fit < EXACT and asked.begins_a_place(word)}
        named = naming.keys() - places or naming.keys()
        return tuple(word for word in asked.words if word not in named) if named else None


def actions(asked: Asked) -> Iterator[Entry]:
    for verb in _VERBS:
        rest = verb.rest(asked)
        if rest is not None:
            for entry in verb.offer(asked, rest):
                yield _raised(entry)
        elif verb.unnamed and len(asked.words) > 1:
            yield from (entry for entry in verb.offer(asked, asked.words) if entry.score)


def proposed(asked: Asked) -> Iterator[Entry]:
    """Before anything was typed: what waits for the reader, what runs, and where one begins."""
    yield from _approving(asked, ())
    yield from turning_back(asked, ())
    yield from islice(deploying(asked, ()), 3)
    yield from _adding(asked, ())


def _raised(entry: Entry) -> Entry:
    return replace(entry, score=entry.score + NAMED)


def _approving(asked: Asked, rest: tuple[str, ...]) -> Iterator[Entry]:
    for gate in waiting_gates(asked.request):
        deployment = gate.deployment
        names = (*names_of(deployment.environment), deployment.release.version, deployment.requested_by.get_username())
        if (score := all_fit(rest, names)) or not rest:
            yield Entry(group=Group.ACTIONS, title=told(f"Approve or reject {deployment}"),
                        hint=f"{named(deployment.requester)}: {deployment.reason}",
                        link=reverse("admin:deployments_gate_change", args=[gate.pk]), icon="how_to_vote",
                        score=score)  # fmt: skip


def _locking(asked: Asked, rest: tuple[str, ...]) -> Iterator[Entry]:
    allowed = (each for each in asked.environments if not rights.lock_refusal(asked.principal, each))
    for score, environment in best((all_fit(rest, names_of(each)) if rest else 1, each) for each in allowed):
        link, locked = reverse("admin:deployments_environment_change", args=[environment.pk]), environment.is_locked
        free = told("nobody can deploy there until it is unlocked")
        hint = naming(f"locked: {HERE}", environment.lock_message) if locked else free
        yield Entry(group=Group.ACTIONS, title=told(f"Unlock {environment}…" if locked else f"Lock {environment}…"),
                    hint=hint,
                    link=f"{link}#lock", icon="lock_open" if locked else "lock", score=score)  # fmt: skip


def _adding(asked: Asked, rest: tuple[str, ...]) -> Iterator[Entry]:
    for title, right, page, icon in _ADDED:
        if asked.principal.may(right) and ((score := all_fit(rest, (title, told(title)))) or not rest):
            yield Entry(group=Group.ACTIONS, title=f"{told(title)}…", hint="", link=reverse(f"admin:{page}_add"),
                        icon=icon, score=score)  # fmt: skip


def _looking(asked: Asked, rest: tuple[str, ...]) -> Iterator[Entry]:
    """Preflight without a release: it only reads."""
    if not asked.may("view_environment"):
        return
    for score, environment in best((all_fit(rest, names_of(each)), each) for each in asked.environments):
        yield Entry(group=Group.ACTIONS, title=told(f"Check {environment}"),
                    hint=told("what would stop a deployment there"),
                    link=reverse("admin:deployments_environment_check", args=[environment.pk]), icon="fact_check",
                    score=score)  # fmt: skip


_ADDED = (
    ("Register a release", "deployments.add_release", "deployments_release", "package_2"),
    ("Add an environment", "deployments.add_environment", "deployments_environment", "dns"),
    ("Add an application", "deployments.add_application", "deployments_application", "deployed_code"),
    ("Add a person", "auth.add_user", "auth_user", "person_add"),
    ("Add a group", "auth.add_group", "auth_group", "group_add"),
    ("Make an API token", "deployments.add_token", "deployments_token", "key"),
    ("Trust a CI", "deployments.add_trust", "deployments_trust", "handshake"),
    ("Add a webhook", "deployments.add_webhooksubscription", "deployments_webhooksubscription", "webhook"),
    ("Add a channel", "deployments.add_notificationchannel", "deployments_notificationchannel", "campaign"),
    ("Connect a forge", "deployments.add_forge", "deployments_forge", "fork_right"),
)
_VERBS = (
    Verb("approve", _approving),
    Verb("deploy", deploying, unnamed=True),
    Verb("back", turning_back),
    Verb("lock", _locking),
    Verb("check", _looking),
    Verb("add", _adding),
)
