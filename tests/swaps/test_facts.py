"""What a swap knows is typed, and reads what rows hold, those of earlier versions included."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deployments.aws.actions import Made, UpdateService
from deployments.aws.values import Rollout
from deployments.preflight.report import Level
from deployments.swaps import documents, get
from deployments.swaps.code_deploy.facts import CodeDeployFacts, Group
from deployments.swaps.decisions import Act
from deployments.swaps.facts import Echo, Facts, sure
from deployments.swaps.reports import CheckResult, Failure, OneOffTaskRun, Reconciled
from deployments.swaps.rolling.facts import RollingFacts
from deployments.swaps.service_pair.facts import PairFacts
from deployments.vocabulary import Slot
from tests.swaps.cases import NOON

#: Facts of real deployments as the version before typed facts wrote them, by controller.
EARLIER: Mapping[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("earlier_rows.json").read_text(encoding="utf-8")
)
RENAMED = {"lifecycle": "targets"}
#: Written before, and read by nobody.
PASSED_OVER = {"SERVICE_PAIR": {"test_weights", "ecs_deployment"}, "ECS": {"ecs_deployment"}}


def read(name: str) -> Facts:
    facts: Facts = get(name.partition(" ")[0]).facts.from_json(EARLIER[name])
    return facts


def holds(kept: Any, was: Any) -> bool:
    """Whether nothing of what was there is missing or different; a time that is not known was once kept as ""."""
    if isinstance(was, dict):
        return all(name in kept and holds(kept[name], member) for name, member in was.items())
    if isinstance(was, list):
        return len(kept) == len(was) and all(map(holds, kept, was))
    return bool(kept == was) or (was == "" and kept is None)


@pytest.mark.parametrize("name", EARLIER)
def test_all_that_an_earlier_row_holds_is_known(name: str) -> None:
    known = documents.write(read(name))

    for member, was in EARLIER[name].items():
        if member not in PASSED_OVER.get(name, ()):
            assert holds(known[RENAMED.get(member, member)], was), member


@pytest.mark.parametrize("name", EARLIER)
def test_facts_are_the_same_after_a_way_through_the_database(name: str) -> None:
    facts = read(name)

    assert type(facts).from_json(json.loads(json.dumps(facts.as_json()))) == facts


def test_what_is_read_has_its_own_type() -> None:
    pair, rolling, servers = read("SERVICE_PAIR"), read("ROLLING"), read("CODE_DEPLOY on Server")

    assert isinstance(pair, PairFacts)
    assert pair.shifted_at == NOON
    assert pair.reconciled == Reconciled(source=Slot.BLUE, reason="Blue is live with 2 tasks; 1.1.0 goes to green")
    assert pair.difference[0] == (" ", '      "environment": [],')
    assert pair.preflight[1].level is Level.UNKNOWN
    assert isinstance(pair.failure, Failure)
    assert isinstance(rolling, RollingFacts)
    assert rolling.last_time == Rollout(draining=None, completed=5)
    assert rolling.checked and rolling.checked.asked_at == NOON
    assert isinstance(servers, CodeDeployFacts)
    assert servers.group and servers.group.termination_minutes == 60
    assert servers.targets[0].events[0].started == datetime(2026, 11, 29, 5, 2, 10, 13000, tzinfo=UTC)


def test_an_echo_of_an_earlier_row_is_known() -> None:
    asked = {"echo": {"position": 4, "events_heard": 3, "at": NOON.isoformat()}}

    assert PairFacts.from_json(asked).echo == Echo(position=4, events_heard=3, at=NOON)


def test_what_is_not_known_yet_takes_no_place_and_what_nobody_knows_is_passed_over() -> None:
    assert PairFacts().as_json() == {}
    assert PairFacts(desired=2).as_json() == {"desired": 2}
    assert PairFacts.from_json({"of_a_later_version": 1}) == PairFacts()


def test_an_act_that_happened_is_marked_with_what_it_made() -> None:
    update = UpdateService(cluster="api", service="api", task_definition="api:2")
    before = RollingFacts(done=("register",), task_definition="api:2")
    act = Act(reason="", action=update, mark="update", facts=replace(before, updated_at=NOON))

    known = act.known(before, Made(ecs_deployment="ecs-svc/2"))

    assert known == replace(before, done=("register", "update"), updated_at=NOON, ecs_deployment="ecs-svc/2")


@pytest.mark.parametrize(
    ("facts", "made", "known"),
    [
        (PairFacts(), Made(task_definition="api:2"), PairFacts(task_definition="api:2")),
        (PairFacts(task="1"), Made(task="2"), PairFacts(task="2")),
        (PairFacts(task="1"), Made(), PairFacts(task="1")),
        (PairFacts(), Made(ecs_deployment="ecs-svc/2"), PairFacts()),
        (CodeDeployFacts(), Made(code_deployment="d-1"), CodeDeployFacts(code_deployment="d-1")),
    ],
)
def test_what_was_made_is_known_where_somebody_asks_for_it(facts: Facts, made: Made, known: Facts) -> None:
    assert facts.with_made(made) == known


def test_every_try_of_the_checks_is_counted_and_the_last_one_kept() -> None:
    bad, good = CheckResult(path="/", ok=False), CheckResult(path="/", ok=True)

    facts = PairFacts().with_smoke((bad,), NOON).with_smoke((good,), NOON)

    assert (facts.smoke, facts.smoke_at, facts.smoke_tries) == ((good,), NOON, 2)


def test_a_failure_keeps_what_was_seen_and_the_sentence_its_last_words() -> None:
    seen = Failure(health=(), log=("no database",))

    failed = PairFacts().with_failure("It failed.").with_diagnosis(seen)

    assert failed.failure == replace(seen, sentence="It failed.")
    assert failed.with_failure("So did the way back.").failure == replace(seen, sentence="So did the way back.")


def test_a_fact_that_an_earlier_step_should_have_found_is_asked_for_loudly() -> None:
    group = Group(config="own", waits=False, ready_minutes=0, terminates=True, termination_minutes=5)

    assert sure(CodeDeployFacts(group=group).group) is group
    with pytest.raises(ValueError, match="not known"):
        sure(CodeDeployFacts().group)
    with pytest.raises(ValueError, match="not known"):
        sure(CodeDeployFacts().task_definition)


def test_a_document_keeps_nested_values_whole() -> None:
    run = OneOffTaskRun(name="migrate")

    kept: dict[str, Any] = {"name": "migrate", "task": "", "exit_code": None, "cut_short": "", "log": []}
    assert documents.write((run,)) == [kept]
    assert documents.read(OneOffTaskRun, {"name": "migrate"}) == run


def test_what_json_does_not_have_is_refused() -> None:
    @dataclass(frozen=True)
    class Odd:
        value: object

    with pytest.raises(TypeError, match="set cannot be kept"):
        documents.write(Odd({1}))


def test_an_echo_that_an_earlier_version_asked_for_is_still_waited_for() -> None:
    document = {"echo": {"position": 5, "tellings": 3, "at": "2026-03-02T12:00:00+00:00"}}

    echo = PairFacts.from_json(document).echo

    assert echo is not None
    assert (echo.position, echo.events_heard) == (5, 3)
