"""What our role may do, or another one, asked of IAM (SimulatePrincipalPolicy) with as few calls as it takes.

IAM evaluates every action of a call on every resource of it, so all questions under the same context make one call;
of its answers only those that were asked for are looked at. Where IAM wants actions apart ("require different
authorization information"), each is asked by itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from deployments.aws import errors
from deployments.aws.calling import ClientSource
from deployments.aws.iam import Iam
from deployments.aws.permission_values import Permission, Question

#: More than any environment asks for; beyond it the oldest answers are forgotten.
MOST_REMEMBERED = 1000

#: whose, "" of our own role; action, resource and context of an answer
_Key = tuple[str, str, str, tuple[tuple[str, str], ...]]
#: allowed, explicitDeny or implicitDeny, and the condition keys that were not given
_Decision = tuple[str, tuple[str, ...]]


class Remembered:
    """Who was allowed what, and when IAM said so. Refusals are never remembered: people are mending them."""

    def __init__(self) -> None:
        self._allowed: dict[_Key, Permission] = {}

    def get(self, whose: str, question: Question, since: datetime) -> tuple[Permission, ...] | None:
        """One answer a resource; None unless all of them were given at or after this moment."""
        found = [self._allowed.get(key) for key in _keys(whose, question)]
        recent = tuple(each for each in found if each and each.asked_at and each.asked_at >= since)
        return recent if len(recent) == len(found) else None

    def put(self, whose: str, question: Question, permissions: Iterable[Permission]) -> None:
        for key, permission in zip(_keys(whose, question), permissions, strict=True):
            self._allowed.pop(key, None)
            if permission.allowed:
                self._allowed[key] = permission
        # Those asked for last are at the end.
        self._allowed = dict([*self._allowed.items()][-MOST_REMEMBERED:])


class Simulating(Iam):
    def __init__(self, clients: ClientSource) -> None:
        super().__init__(clients)
        self._remembered = Remembered()

    def may(
        self, questions: Sequence[Question], now: datetime, trusted: timedelta = timedelta(0)
    ) -> tuple[Permission, ...]:
        return self._may("", questions, now, trusted)

    def role_may(
        self, role: str, questions: Sequence[Question], now: datetime, trusted: timedelta = timedelta(0)
    ) -> tuple[Permission, ...]:
        return self._may(role, questions, now, trusted)

    def _may(
        self, whose: str, questions: Sequence[Question], now: datetime, trusted: timedelta
    ) -> tuple[Permission, ...]:
        since = now - trusted
        known = {each: found for each in questions if trusted and (found := self._remembered.get(whose, each, since))}
        for together in _by_context([each for each in questions if each not in known]):
            for question, permissions in self._asked(whose, together):
                known[question] = tuple(replace(each, asked_at=now) for each in permissions)
                self._remembered.put(whose, question, known[question])
        return tuple(permission for question in questions for permission in known[question])

    def _asked(self, whose: str, questions: Sequence[Question]) -> Iterator[tuple[Question, tuple[Permission, ...]]]:
        try:
            answers = self._simulated(whose, questions)
        except errors.Invalid:
            if len(questions) == 1:
                raise
            for question in questions:
                yield from self._asked(whose, [question])
            return
        for question in questions:
            yield question, tuple(_permission(question, resource, answers) for resource in question.resources)

    def _simulated(self, whose: str, questions: Sequence[Question]) -> dict[tuple[str, str], _Decision]:
        """Decisions by action and resource."""
        pages = self.pages(
            "iam",
            "SimulatePrincipalPolicy",
            PolicySourceArn=whose or self.principal(),
            ActionNames=list(dict.fromkeys(each.action for each in questions)),
            ResourceArns=list(dict.fromkeys(resource for each in questions for resource in each.resources)),
            ContextEntries=[
                {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
                for key, value in questions[0].context
            ],
        )
        return dict(decision for page in pages for each in page["EvaluationResults"] for decision in _decisions(each))


def _keys(whose: str, question: Question) -> list[_Key]:
    return [(whose, question.action, resource, question.context) for resource in question.resources]


def _by_context(questions: Sequence[Question]) -> Iterator[list[Question]]:
    def context(question: Question) -> tuple[tuple[str, str], ...]:
        return question.context

    for _, together in groupby(sorted(questions, key=context), key=context):
        yield list(together)


def _decisions(result: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], _Decision]]:
    # With several resources the result itself is only the strictest of the answers below it.
    action, resource = result["EvalActionName"], result.get("EvalResourceName", "*")
    yield (action, resource), (result["EvalDecision"], tuple(result.get("MissingContextValues", ())))
    for each in result.get("ResourceSpecificResults", ()):
        missing = tuple(each.get("MissingContextValues", ()))
        yield (action, each["EvalResourceName"]), (each["EvalResourceDecision"], missing)


def _permission(question: Question, resource: str, answers: Mapping[tuple[str, str], _Decision]) -> Permission:
    found = answers.get((question.action, resource))
    if found is None:
        said = f"no answer for {question.action} on {resource}"
        raise errors.Invalid("SimulatePrincipalPolicy", "NoAnswer", said)
    decision, missing = found
    return Permission(action=question.action, resource=resource, decision=decision, missing_context=missing)
