"""The board as values: what is where, what runs, what waits for the reader."""

from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deployments.catalog import environments
from deployments.catalog.models import Application, Environment
from deployments.delivery.models import Deployment, Gate
from deployments.delivery.views.board import BoardView, board_view, version_of_board
from deployments.delivery.views.board_cell import CellView
from deployments.delivery.views.waiting import waiting_view
from deployments.people.principal import Principal
from deployments.vocabulary import Status
from tests.delivery import stages
from tests.delivery.engine.world import World, make_release, person
from tests.delivery.views.conftest import change


def board(reader: User) -> BoardView:
    principal = Principal.person(reader)
    return board_view(principal=principal, waiting_for_me=Gate.objects.for_person(principal))


def cell(reader: User) -> CellView:
    (row,) = board(reader).rows
    (only,) = row.cells
    assert only
    return only


def test_a_cell_says_what_is_live_and_whether_the_reader_may_deploy(world: World) -> None:
    live = make_release(world.environment.application, "1.0.0", "4")
    Environment.objects.update(live_release=live, live_slot="blue", live_since=world.clock())

    seen = cell(world.requester)

    assert seen.live_release
    assert (seen.live_release.version, seen.live_slot, seen.live_since) == ("1.0.0", "blue", world.clock())
    assert seen.deploy_refusal == ""
    assert cell(person("reader")).deploy_refusal.startswith("You do not have the right to deploy")


def test_what_runs_says_at_which_share_it_is_and_whether_people_are_waited_for(world: World) -> None:
    gate = stages.at_gate(world)
    change(gate.deployment, percent=10, source_slot="blue", target_slot="green")

    (running,) = board(world.requester).running

    assert (running.percent, running.target_slot, running.is_waiting) == (10, "green", True)
    assert cell(world.requester).running == running


def test_a_gate_waits_for_whoever_may_decide_there(world: World) -> None:
    gate = stages.at_gate(world)

    (waiting,) = board(world.approver).waiting_for_me

    assert (waiting.id, waiting.deployment_id, waiting.expires_at) == (gate.pk, gate.deployment_id, gate.expires_at)
    assert board(world.requester).waiting_for_me == ()


def test_what_waits_is_read_without_task_definitions(world: World) -> None:
    stages.at_gate(world)
    with CaptureQueriesContext(connection) as asked:
        (gate,) = Gate.objects.for_person(Principal.person(world.approver))
        before = len(asked)
        assert waiting_view(gate).release.version == "1.1.0"

    assert not [query for query in asked if '"task_definition"' in query["sql"]]
    assert len(asked) == before


def test_trouble_is_kept_in_sight_until_something_goes_well(world: World) -> None:
    deployment = stages.pending(world)
    change(deployment, status=Status.STOPPED, finished_at=world.clock())
    trouble = cell(world.requester).trouble
    assert trouble
    assert (trouble.id, trouble.status) == (deployment.pk, Status.STOPPED)

    Deployment.objects.update(status=Status.SUCCESSFUL)

    assert cell(world.requester).trouble is None
    assert cell(world.requester).live_by == "requester"


def test_a_lock_says_whose_it_is_and_why(world: World) -> None:
    keeper = person("keeper", "lock_environment")
    environments.lock(
        environment=world.environment, principal=Principal.person(keeper), message="Freeze", now=world.clock()
    )

    lock = cell(world.requester).lock

    assert lock
    assert (lock.by, lock.message) == ("keeper", "Freeze")
    assert lock.sentence == "shop/production is locked by keeper since 2026-03-02 12:00 UTC: Freeze"


def test_applications_share_columns_and_the_longest_paths_come_first(world: World) -> None:
    small = Application.objects.create(name="Admin tools", slug="admin-tools")
    Environment.objects.create(application=small, name="production", rank=20)
    Environment.objects.create(application=world.environment.application, name="staging", rank=5)

    seen = board(world.requester)

    assert seen.columns == ("staging", "production")
    assert [(row.application.name, [bool(one) for one in row.cells]) for row in seen.rows] == [
        ("Shop", [True, True]), ("Admin tools", [False, True])
    ]  # fmt: skip


def test_its_version_changes_when_production_moves(world: World) -> None:
    deployment = stages.under_way(world)
    before = version_of_board()
    assert before == board(world.approver).version

    change(deployment, percent=10)

    assert version_of_board() != before


def test_an_empty_board_is_no_error(db: None, django_assert_max_num_queries: Any) -> None:
    reader = person("reader")
    with django_assert_max_num_queries(10):
        seen = board(reader)

    assert (seen.rows, seen.columns, seen.running) == ((), (), ())


def test_a_release_that_went_well_though_not_on_every_server_is_warned_of(world: World) -> None:
    deployment = world.request()
    change(deployment, status=Status.SUCCESSFUL, facts={"warnings": ["Server i-2 failed."]})

    warned = cell(world.requester).warned
    assert warned
    assert (warned.id, warned.warnings) == (deployment.pk, ("Server i-2 failed.",))

    change(deployment, status=Status.ROLLBACK_SUCCESSFUL)
    assert cell(world.requester).warned is None
