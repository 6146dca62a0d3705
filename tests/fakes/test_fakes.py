import pytest

from deployments.aws import actions, errors, protocol
from tests.fakes.aws import SHOP, FakeGateway

BLUE, GREEN = SHOP.target_group("blue"), SHOP.target_group("green")


def test_the_fake_answers_every_question_of_the_protocol() -> None:
    gateway: protocol.Gateway = FakeGateway.pair()

    assert gateway.rule(SHOP.production_rule).live == (BLUE,)


def test_a_pair_starts_with_blue_live_and_green_idle() -> None:
    services = FakeGateway.pair(desired=3).services(SHOP.cluster, ["shop-blue", "shop-green", "nobody"])

    assert {name: service.running for name, service in services.items()} == {"shop-blue": 3, "shop-green": 0}
    assert all(service.steady for service in services.values())


def test_targets_follow_the_running_tasks() -> None:
    gateway = FakeGateway.pair()

    scale_green(gateway, 2)

    assert [target.state for target in gateway.target_health(GREEN)] == ["healthy", "healthy"]


def test_tasks_follow_after_as_many_looks_as_the_test_wants() -> None:
    gateway = FakeGateway.pair()
    gateway.scale_after = 2

    scale_green(gateway, 2)

    assert [gateway.services(SHOP.cluster, ["shop-green"])["shop-green"].running for _ in range(3)] == [
        0,
        0,
        2,
    ]


def test_health_is_set_by_task_definition() -> None:
    gateway = FakeGateway.pair()
    gateway.set_health(SHOP.task_definition(1), "unhealthy", "Target.Timeout", "Request timed out")

    assert {target.reason for target in gateway.target_health(BLUE)} == {"Target.Timeout"}


def test_weights_are_refused_when_someone_else_moved_them() -> None:
    gateway = FakeGateway.pair()
    gateway.set_weights(SHOP.production_rule, {BLUE: 50, GREEN: 50})

    with pytest.raises(errors.Changed, match="saw shop-blue 50, shop-green 50, expected shop-blue 100"):
        gateway.perform(shift({BLUE: 100}))


def test_setting_the_same_weights_twice_changes_nothing() -> None:
    gateway = FakeGateway.pair()

    gateway.perform(shift({BLUE: 100, GREEN: 0}))
    gateway.perform(shift({BLUE: 100, GREEN: 0}))

    assert gateway.rule(SHOP.production_rule).weights == {BLUE: 0, GREEN: 100}


def test_a_failure_before_the_write_leaves_the_world_alone() -> None:
    gateway = FakeGateway.pair()
    gateway.fail_next("UpdateService", errors.Throttled)

    with pytest.raises(errors.Throttled):
        scale_green(gateway, 2)

    assert gateway.performed == []
    assert gateway.target_health(GREEN) == ()


def test_a_failure_after_the_write_leaves_the_write() -> None:
    gateway = FakeGateway.pair()
    gateway.fail_next("UpdateService", errors.Unavailable, after_write=True)

    with pytest.raises(errors.Unavailable):
        scale_green(gateway, 2)

    assert len(gateway.target_health(GREEN)) == 2
    assert gateway.calls["UpdateService"] == len(gateway.performed) == 1


def test_a_read_may_fail_several_times() -> None:
    gateway = FakeGateway.pair()
    gateway.fail_next("rule", errors.Unavailable, times=2)

    for _ in range(2):
        with pytest.raises(errors.Unavailable):
            gateway.rule(SHOP.production_rule)
    assert gateway.rule(SHOP.production_rule).forwards


def test_a_registered_task_definition_is_found_by_its_tag() -> None:
    gateway = FakeGateway.pair()
    document = gateway.task_definition(SHOP.task_definition()).document

    made = gateway.perform(actions.RegisterTaskDefinition(document=document, tags={"deployment": "7"}))

    found = gateway.registered_by("shop", ("deployment", "7"))
    assert found and found.arn == made.task_definition == SHOP.task_definition(2)


def test_a_one_off_task_is_run_once_per_client_token() -> None:
    gateway = FakeGateway.pair()
    gateway.exit_code = 3

    first, second = gateway.perform(migrate()), gateway.perform(migrate())

    assert first == second
    assert [task.exit_codes for task in gateway.tasks(SHOP.cluster, started_by="deployment-7")] == [{"web": 3}]


def test_a_running_one_off_task_can_be_stopped() -> None:
    gateway = FakeGateway.pair()
    gateway.exit_code = None
    task = gateway.perform(migrate()).task

    gateway.perform(actions.StopTask(cluster=SHOP.cluster, task=task, reason="asked"))

    assert [each.stopped_reason for each in gateway.tasks(SHOP.cluster, started_by="deployment-7")] == ["asked"]


def test_a_new_task_definition_replaces_the_old_tasks_after_a_while() -> None:
    gateway = FakeGateway.pair()
    document = gateway.task_definition(SHOP.task_definition()).document
    made = gateway.perform(actions.RegisterTaskDefinition(document=document, tags={})).task_definition
    gateway.scale_after = 1

    gateway.perform(actions.UpdateService(cluster=SHOP.cluster, service="shop-blue", task_definition=made))

    before, after = (gateway.services(SHOP.cluster, ["shop-blue"])["shop-blue"] for _ in range(2))
    assert [each.status for each in before.deployments] == ["PRIMARY", "ACTIVE"]
    assert after.steady and after.primary and after.primary.task_definition == made


def test_things_that_do_not_exist_are_not_found() -> None:
    gateway = FakeGateway.pair()

    with pytest.raises(errors.NotFound):
        gateway.perform(actions.UpdateService(cluster=SHOP.cluster, service="nobody", desired=1))
    with pytest.raises(errors.NotFound):
        gateway.image("shop", "nobody")


def test_two_pairs_share_one_account() -> None:
    gateway = FakeGateway.pair()
    books = gateway.add_pair("books", live="green")

    assert gateway.rule(books.production_rule).live == (books.target_group("green"),)
    assert gateway.rule(SHOP.production_rule).live == (BLUE,)


def scale_green(gateway: FakeGateway, desired: int) -> None:
    gateway.perform(actions.UpdateService(cluster=SHOP.cluster, service="shop-green", desired=desired))


def shift(expected: dict[str, int]) -> actions.SetWeights:
    return actions.SetWeights(rule=SHOP.production_rule, weights={BLUE: 0, GREEN: 100}, expected=expected)


def migrate() -> actions.RunTask:
    return actions.RunTask(
        cluster=SHOP.cluster,
        like_service="shop-blue",
        task_definition=SHOP.task_definition(),
        container="web",
        command=("migrate",),
        client_token="deployment-7-migrate",
        started_by="deployment-7",
    )
