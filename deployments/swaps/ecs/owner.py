"""What the owner of a service has set there: kept beside what is ours while ECS deploys, and given back at the end.

UpdateService takes a list of hooks or alarms whole, and what it took stays for every deployment to come, whoever
starts it. So ours are put beside the owner's, and taken out again when ECS has ended.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deployments.aws.values import Service
from deployments.swaps.ecs.facts import Snapshot
from deployments.swaps.ecs.plan import at_once, deployment_configuration, is_pause, pauses
from deployments.swaps.steps import marks
from deployments.vocabulary import Strategy

Configuration = Mapping[str, Any]

#: members that AWS takes with one strategy only
OF_A_STRATEGY = ("canaryConfiguration", "linearConfiguration", "earlySuccessCriteria")
#: what stands for "none" where a member that was not there is to go again
NONE: Configuration = {
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
    "lifecycleHooks": [],
    "alarms": {"alarmNames": [], "enable": False, "rollback": False},
}


def beside(before: Configuration, ours: Configuration) -> dict[str, Any]:
    """The deploymentConfiguration to deploy with: all that was there before, and ours.

    A PAUSE hook of ours stands for the owner's at the same stage: ECS would wait for two answers there.
    """
    kept = {name: value for name, value in before.items() if name not in OF_A_STRATEGY}
    merged = {**kept, **ours, "lifecycleHooks": [*_other_hooks(before, ours), *ours.get("lifecycleHooks", ())]}
    if "alarms" in ours:
        merged["alarms"] = _both(before.get("alarms") or {}, ours["alarms"])
    return merged


def given_back(before: Configuration, sent: Configuration, shown: Configuration) -> dict[str, Any]:
    """The deploymentConfiguration without ours; {} where there is nothing of ours.

    What somebody has changed since we sent it stays as it is shown, but for our pauses.
    """
    as_shown, shown = shown, _without_our_pauses(before, sent, shown)
    ours = [name for name, value in sent.items() if not _shows(before.get(name), value)]
    still = {name for name in ours if _shows(shown.get(name), sent[name])}
    if not still:
        return {} if shown is as_shown else dict(shown)
    back = {name: before.get(name, NONE.get(name)) for name in still}
    back |= {name: before[name] for name in OF_A_STRATEGY if name in before and name not in sent}
    return {name: value for name, value in {**shown, **back}.items() if value is not None}


def _without_our_pauses(before: Configuration, sent: Configuration, shown: Configuration) -> Configuration:
    """Somebody has put hooks of their own beside ours meanwhile: theirs stay, and the owner's that ours stood for."""
    hooks, theirs = sent.get("lifecycleHooks", ()), before.get("lifecycleHooks", ())
    found = shown.get("lifecycleHooks", ())
    if _shows(found, hooks):
        return shown
    ours = [hook for hook in hooks if is_pause(hook) and not any(_shows(each, hook) for each in theirs)]
    rest = [hook for hook in found if not any(_shows(hook, each) for each in ours)]
    if len(rest) == len(found):
        return shown
    replaced = [hook for hook in theirs if is_pause(hook) and not any(_shows(each, hook) for each in rest)]
    return {**shown, "lifecycleHooks": [*rest, *replaced]}


def sent(snapshot: Snapshot) -> dict[str, Any]:
    """What ECS was, or is to be, told to deploy with."""
    ours = deployment_configuration(snapshot.settings, Strategy(snapshot.plan.strategy))
    return beside(snapshot.facts.configuration_before or {}, ours)


def given_back_mark(snapshot: Snapshot) -> str:
    """Of one try of the way back: the next one may tell ECS again to deploy with nothing of the owner's."""
    return marks.of_try(snapshot, "give_back")


def is_given_back(snapshot: Snapshot) -> bool:
    return marks.done(snapshot, given_back_mark(snapshot))


def was_touched(snapshot: Snapshot) -> bool:
    """Whether the service may show something of ours."""
    return snapshot.facts.configuration_before is not None and not is_given_back(snapshot)


def owed(snapshot: Snapshot, service: Service | None) -> dict[str, Any]:
    """The deploymentConfiguration to give back to the service; {} when there is nothing (any more)."""
    before = snapshot.facts.configuration_before
    if before is None or service is None or service.status != "ACTIVE" or is_given_back(snapshot):
        return {}
    return given_back(before, _told_last(snapshot), service.deployment_configuration)


def held_by_ours(snapshot: Snapshot, service: Service | None) -> str:
    """In a sentence after a space, that a deployment which came beside ours was started with our pauses; "" = no."""
    if service is None or service.status != "ACTIVE":
        return ""
    ours = pauses(sent(snapshot)) - pauses(snapshot.facts.configuration_before or {})
    has_ours = ours & pauses(service.deployment_configuration) or is_given_back(snapshot)
    if not ours or not has_ours:
        return ""
    return (
        f" It was started while Tealgate's pause at {', '.join(sorted(ours))} stood on {service.name}, so ECS holds it "
        "there: let it go on in ECS (ContinueServiceDeployment). The service has no pause of Tealgate's any more."
    )


def _told_last(snapshot: Snapshot) -> dict[str, Any]:
    """Of all that ECS was told: what was left out the second time stayed as it was told first."""
    again = at_once(snapshot.settings) if snapshot.facts.again_at else {}
    return {**sent(snapshot), **again}


def _other_hooks(before: Configuration, ours: Configuration) -> Iterator[dict[str, Any]]:
    taken = pauses(ours)
    for hook in before.get("lifecycleHooks", ()):
        stages = [each for each in hook.get("lifecycleStages", ()) if not (is_pause(hook) and each in taken)]
        if stages:
            yield {**hook, "lifecycleStages": stages}


def _both(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Alarms that the owner has switched off stay off."""
    names = theirs.get("alarmNames", ()) if theirs.get("enable") else ()
    return {**ours, "alarmNames": [*dict.fromkeys((*names, *ours["alarmNames"]))]}


def _shows(shown: Any, sent: Any) -> bool:
    """Whether AWS shows what was sent; it adds defaults, and keeps no order."""
    if isinstance(sent, Mapping):
        return isinstance(shown, Mapping) and all(_shows(shown.get(name), value) for name, value in sent.items())
    if isinstance(sent, Sequence) and not isinstance(sent, str):
        found = shown or ()
        return len(found) == len(sent) and all(any(_shows(each, one) for each in found) for one in sent)
    return bool(shown == sent)
