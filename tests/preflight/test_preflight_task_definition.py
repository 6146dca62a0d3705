from dataclasses import replace

from deployments.frozen import TaskSpec
from tests.preflight.world import DIGEST, LIVE, REPOSITORY, Account, error, healthy_account, look, ok, release, unknown


def without_execution_role() -> Account:
    account = healthy_account()
    account.doctor_definition(executionRoleArn=None)
    return account


def test_what_the_service_was_given_is_not_called_live() -> None:
    """A deployment of it may still run, or wait at a hook."""
    assert ok(look(healthy_account()), "task-definition-active") == "The task definition shop:1 of shop-blue is ACTIVE."


def test_an_inactive_task_definition_is_an_error() -> None:
    account = healthy_account()
    account.task_definitions[LIVE] = replace(account.task_definitions[LIVE], status="INACTIVE")

    sentence = error(look(account), "task-definition-active")

    assert (
        'shop:1 of shop-blue is INACTIVE: ECS would answer the roll back to it with "TaskDefinition is inactive"'
        in sentence
    )
    assert "do not deregister revisions that a service still runs" in sentence


def test_a_task_definition_that_is_gone_is_one_error_and_its_other_checks_are_unknown() -> None:
    account = healthy_account()
    account.task_definitions = {}

    report = look(account, release())

    assert "The task definition shop:1 of shop-blue does not exist" in error(report, "task-definition-active")
    assert unknown(report, "roles") == "Not looked at, because the task definition shop:1 does not exist."


def test_a_fargate_task_without_memory_cannot_be_registered_again() -> None:
    account = healthy_account()
    account.doctor_definition(memory=None)

    sentence = error(look(account), "task-definition-registrable")

    assert "Fargate needs cpu and memory of the task" in sentence


def test_a_fargate_task_needs_awsvpc() -> None:
    account = healthy_account()
    account.doctor_definition(networkMode="bridge")

    assert "Fargate needs networkMode awsvpc" in error(look(account), "task-definition-registrable")


def test_the_environments_container_must_exist() -> None:
    sentence = error(look(healthy_account(), container_name="app"), "container-port")

    assert "shop:1 has no container app; it has web" in sentence


def test_the_environments_port_must_be_mapped() -> None:
    sentence = error(look(healthy_account(), container_port=9000), "container-port")

    assert "Container web of shop:1 maps 8000, but the load balancer is to reach port 9000" in sentence


def test_fargate_needs_an_execution_role_to_pull_from_ecr() -> None:
    sentence = error(look(without_execution_role(), release()), "execution-role")

    assert "has no execution role, but needs one to pull from ECR on Fargate" in sentence
    assert "CannotPullContainerError" in sentence
    assert "AmazonECSTaskExecutionRolePolicy" in sentence


def test_awslogs_on_fargate_needs_an_execution_role() -> None:
    account = without_execution_role()
    account.doctor_container(logConfiguration={"logDriver": "awslogs"})

    assert "to write logs with awslogs on Fargate" in error(look(account), "execution-role")


def test_secrets_need_an_execution_role_on_ec2_too() -> None:
    account = without_execution_role()
    account.on_ec2()
    account.doctor_container(secrets=[{"name": "DATABASE_URL", "valueFrom": "arn:..."}])

    assert "needs one to read secrets" in error(look(account), "execution-role")


def test_a_private_registry_needs_an_execution_role() -> None:
    account = without_execution_role()
    account.doctor_container(repositoryCredentials={"credentialsParameter": "arn:..."})

    assert "to log in to a private registry" in error(look(account), "execution-role")


def test_on_ec2_the_instance_role_pulls_and_logs() -> None:
    account = without_execution_role()
    account.on_ec2()
    account.doctor_container(image=f"{REPOSITORY}@{DIGEST}", logConfiguration={"logDriver": "awslogs"})

    assert "nothing in it needs one" in ok(look(account), "execution-role")


def test_a_role_that_does_not_exist_is_an_error() -> None:
    account = healthy_account()
    account.missing_roles = {"arn:aws:iam::123456789012:role/shop-execution"}

    sentence = error(look(account), "roles-exist")

    assert "names the role arn:aws:iam::123456789012:role/shop-execution, which does not exist" in sentence


def test_a_role_given_by_name_is_looked_for_in_the_account() -> None:
    account = healthy_account()
    account.doctor_definition(taskRoleArn="shop-task")
    account.missing_roles = {"arn:aws:iam::123456789012:role/shop-task"}

    assert "role/shop-task, which does not exist" in error(look(account), "roles-exist")


def test_a_container_without_an_image_cannot_be_registered_again() -> None:
    account = healthy_account()
    account.doctor_container(image="")

    assert "container web has no image" in error(look(account), "task-definition-registrable")


def test_a_task_on_ec2_needs_memory_somewhere() -> None:
    account = healthy_account()
    account.on_ec2()
    account.doctor_definition(cpu=None, memory=None)

    report = look(account)

    assert "neither the task nor container web has memory" in error(report, "task-definition-registrable")
    assert "names neither cpu nor memory" in unknown(report, "capacity")


def test_a_volume_that_nobody_says_how_to_make_keeps_one_off_tasks_from_starting() -> None:
    account = healthy_account()
    account.doctor_definition(volumes=[{"name": "scratch", "configuredAtLaunch": True}])
    migrate = (TaskSpec(name="migrate", command=("migrate",)),)

    sentence = error(look(account, one_off_tasks=migrate), "one-off-volumes")

    assert "shop:1 leaves scratch to be configured at launch, but shop-blue shows no configuration of it" in sentence


def test_without_one_off_tasks_it_is_the_service_s_own_matter() -> None:
    account = healthy_account()
    account.doctor_definition(volumes=[{"name": "scratch", "configuredAtLaunch": True}])

    assert not [result for result in look(account).results if result.check == "one-off-volumes"]
