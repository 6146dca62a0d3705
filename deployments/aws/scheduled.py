"""What starts tasks by itself: rules of EventBridge's default bus, and schedules of EventBridge Scheduler.

PutTargets and UpdateSchedule take the whole of a target or schedule, and what is left out falls back to AWS's default.
So each is read right before it is written, and sent as it was read but for the task definition. What it hands to the
task (Input) often holds secrets, and is kept nowhere.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deployments.aws import actions, errors, values
from deployments.aws.eventbridge import Events
from deployments.aws.translate import from_answer
from deployments.aws.values.scheduled import RULE, SCHEDULE, family_of

#: What GetSchedule shows and UpdateSchedule does not take.
_SHOWN_ONLY = ("Arn", "CreationDate", "LastModificationDate", "ResponseMetadata")
_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")

#: So far behind UTC is the last place at which a day begins.
FARTHEST_ZONE = timedelta(hours=12)

Raw = Mapping[str, Any]


class Scheduled(Events):
    def starters(self, cluster: str, families: Collection[str]) -> tuple[values.Starter, ...]:
        found = [*self._rules(cluster, families), *self._schedules(cluster, families)]
        return tuple(sorted(found, key=lambda each: (each.kind, each.name, each.target)))

    def starter(self, known: values.Starter) -> values.Starter | None:
        try:
            if known.kind == SCHEDULE:
                raw = self._schedule(known.name)
                return _of_schedule(raw) if "EcsParameters" in raw["Target"] else None
            target = self._target(known.name, known.target)
        except errors.NotFound:
            return None
        return _of_target(known.name, target, {}) if target and "EcsParameters" in target else None

    def _rules(self, cluster: str, families: Collection[str]) -> Iterator[values.Starter]:
        for name in self._rule_names(cluster):
            mine = [each for each in self._targets(name) if each["Arn"] == cluster and _is_of(each, families)]
            rule = self.call("events", "DescribeRule", Name=name) if mine else {}
            yield from (_of_target(name, target, rule) for target in mine)

    def _rule_names(self, cluster: str) -> list[str]:
        pages = self.pages("events", "ListRuleNamesByTarget", TargetArn=cluster)
        return [name for page in pages for name in page.get("RuleNames", ())]

    def _targets(self, rule: str) -> list[dict[str, Any]]:
        pages = self.pages("events", "ListTargetsByRule", Rule=rule)
        return [target for page in pages for target in page.get("Targets", ())]

    def _target(self, rule: str, number: str) -> dict[str, Any] | None:
        return next((each for each in self._targets(rule) if each["Id"] == number), None)

    def _schedules(self, cluster: str, families: Collection[str]) -> Iterator[values.Starter]:
        # Only the cluster is shown in the list; what is started there each has to be asked.
        for page in self.pages("scheduler", "ListSchedules"):
            for each in page["Schedules"]:
                if each.get("Target", {}).get("Arn") != cluster:
                    continue
                raw = self._schedule(f"{each['GroupName']}/{each['Name']}")
                if _is_of(raw["Target"], families) and not _is_over(raw):
                    yield _of_schedule(raw)

    def _schedule(self, name: str) -> dict[str, Any]:
        group, _, own = name.partition("/")
        return self.call("scheduler", "GetSchedule", GroupName=group, Name=own)

    def _tell_eventbridge(
        self, action: actions.PutTargets | actions.UpdateSchedule | actions.PutEvents
    ) -> actions.Made:
        match action:
            case actions.PutEvents():
                return self._put_echo(action)
            case actions.UpdateSchedule():
                raw = self._schedule(action.schedule)
                if target := _rewritten(raw["Target"], action, f"schedule {action.schedule}"):
                    self.call("scheduler", "UpdateSchedule", **_taken(raw), Target=target)
            case actions.PutTargets():
                self._put_target(action)
        return actions.Made()

    def _put_target(self, action: actions.PutTargets) -> None:
        before = self._target(action.rule, action.target)
        if before is None:
            gone = f"Rule {action.rule} has no target {action.target} any more."
            raise errors.NotFound(action.operation, "NoSuchTarget", gone)
        if target := _rewritten(before, action, f"rule {action.rule}"):
            answer = self.call("events", "PutTargets", Rule=action.rule, Targets=[target])
            for refused in answer.get("FailedEntries", ()):
                said = {"Code": refused["ErrorCode"], "Message": refused.get("ErrorMessage", "")}
                raise from_answer(action.operation, {"Error": said})


def _is_of(target: Raw, families: Collection[str]) -> bool:
    named = target.get("EcsParameters", {}).get("TaskDefinitionArn", "")
    return bool(named) and (not families or family_of(named) in families)


def _of_target(rule: str, target: Raw, shown: Raw) -> values.Starter:
    return values.Starter(
        kind=RULE,
        name=rule,
        target=target["Id"],
        task_definition=target["EcsParameters"]["TaskDefinitionArn"],
        role=target.get("RoleArn", ""),
        when=shown.get("ScheduleExpression", ""),
        is_enabled=shown.get("State", "") != "DISABLED",
        managed_by=shown.get("ManagedBy", ""),
    )


def _of_schedule(raw: Raw) -> values.Starter:
    return values.Starter(
        kind=SCHEDULE,
        name=f"{raw['GroupName']}/{raw['Name']}",
        task_definition=raw["Target"]["EcsParameters"]["TaskDefinitionArn"],
        role=raw["Target"].get("RoleArn", ""),
        when=raw["ScheduleExpression"],
        is_enabled=raw.get("State", "") != "DISABLED",
    )


def _rewritten(target: Raw, action: actions.PutTargets | actions.UpdateSchedule, called: str) -> dict[str, Any] | None:
    """The target to send; None when it is as wanted already. Raises Changed when it is something else."""
    there = target.get("EcsParameters", {}).get("TaskDefinitionArn", "")
    if there == action.task_definition:
        return None
    if there != action.expected:
        said = f"Somebody else changed {called}: it starts {there or 'no ECS task'}, so it was left alone."
        raise errors.Changed(action.operation, "Changed", said)
    return {**target, "EcsParameters": {**target["EcsParameters"], "TaskDefinitionArn": action.task_definition}}


def _taken(raw: Raw) -> dict[str, Any]:
    """All of a schedule that UpdateSchedule takes, without its target.

    AWS refuses a start that has passed although it is the schedule's own; by then it no longer says anything.
    """
    taken = {name: value for name, value in raw.items() if name not in (*_SHOWN_ONLY, "Target") and value is not None}
    if (start := taken.get("StartDate")) and start <= _asked_at(raw):
        del taken["StartDate"]
    return taken


def _is_over(raw: Raw) -> bool:
    """Whether it starts nothing any more: one that runs once and has run, or whose end has passed."""
    now = _asked_at(raw)
    if (end := raw.get("EndDate")) and end <= now:
        return True
    once = _AT.fullmatch(raw["ScheduleExpression"])
    if once is None:
        return False
    try:
        zone = ZoneInfo(raw.get("ScheduleExpressionTimezone") or "UTC")
    except ZoneInfoNotFoundError:  # AWS's list of zones is newer than this machine's, which may have none
        return datetime.fromisoformat(once[1]).replace(tzinfo=UTC) + FARTHEST_ZONE <= now
    return datetime.fromisoformat(once[1]).replace(tzinfo=zone) <= now


def _asked_at(raw: Raw) -> datetime:
    """By AWS's clock, which is what it compares with."""
    date = raw["ResponseMetadata"].get("HTTPHeaders", {}).get("date", "")
    return parsedate_to_datetime(date) if date else datetime.now(UTC)
