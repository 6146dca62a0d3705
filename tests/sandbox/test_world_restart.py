"""Going on after a restart."""

import json
import signal
from pathlib import Path
from typing import Any

import boto3

from sandbox.server import Sandbox
from sandbox.state import REMEMBER, compacted
from tests.sandbox.conftest import EPHEMERAL, eventually
from tests.sandbox.shop import CLUSTER, messages, registered, service, steady
from tests.sandbox.test_server_process import free_port, program

GREEN = "storefront-production-green"


def opened(directory: Path | None = None) -> Sandbox:
    return Sandbox(scale=50, listener_ports=EPHEMERAL, state=directory, applications=["storefront", "legacy-api"])


def names(world: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in world.items() if name != "endpoint"}


def test_the_world_is_the_same_every_time() -> None:
    with opened() as first:
        before = names(first.control.world)

    with opened() as second:
        assert names(second.control.world) == before


def test_only_what_was_asked_for_is_seeded() -> None:
    with Sandbox(scale=50, listener_ports=EPHEMERAL, applications=["payments"]) as sandbox:
        services = sandbox.client("ecs").list_services(cluster=CLUSTER)["serviceArns"]
        groups = sandbox.client("codedeploy").list_applications()["applications"]

        assert [arn.rpartition("/")[2] for arn in services] == ["payments"]
        assert groups == []
        assert "payments" in sandbox.control.world and not sandbox.control.world["environments"]


def test_a_restart_goes_on_where_the_last_run_stopped(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        production = first.control.world["environments"]["production"]
        ecs = first.client("ecs")
        first.push({"repository": "storefront", "tag": "3.0.0"})
        definition = registered(ecs, "3.0.0")
        ecs.update_service(cluster=CLUSTER, service=GREEN, taskDefinition=definition)
        ecs.update_service(cluster=CLUSTER, service=GREEN, desiredCount=1)
        _shift(first, production, blue=0, green=1)
        _suspend(first, suspended=True)
        created = first.client("elbv2").create_target_group(
            Name="later", Protocol="HTTP", Port=80, VpcId=first.control.world["network"]["vpc"], TargetType="ip"
        )

    with opened(tmp_path) as second:
        seen = steady(second.client("ecs"), GREEN)
        assert (seen["taskDefinition"], seen["runningCount"]) == (definition, 1)
        assert _weights(second, production) == {"blue": 0, "green": 1}
        assert _suspended(second)
        arn = created["TargetGroups"][0]["TargetGroupArn"]
        assert second.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]


def test_looking_at_images_changes_no_identifier_of_others(tmp_path: Path) -> None:
    """They are made when somebody looks, and who only looks is not in the journal."""
    after_a_look = first_volume(tmp_path / "looked", looking=True)

    assert first_volume(tmp_path / "not", looking=False) == after_a_look


def first_volume(state: Path, *, looking: bool) -> str:
    with Sandbox(listener_ports=EPHEMERAL, applications=(), state=state) as sandbox:
        ec2 = sandbox.client("ec2")
        image = "ami-04681a1dbd79675a5"
        if looking:
            ec2.describe_images(ImageIds=[image])
        ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)
        return str(ec2.describe_volumes()["Volumes"][0]["VolumeId"])


def test_a_roll_back_is_remembered(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        ecs = first.client("ecs")
        before = steady(ecs, "legacy-api")["taskDefinition"]
        ecs.update_service(
            cluster=CLUSTER,
            service="legacy-api",
            taskDefinition=registered(ecs, "9.9.9"),
            deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        )
        eventually(lambda: "rolling back to deployment" in messages(ecs, "legacy-api"))

    with opened(tmp_path) as second:
        assert service(second.client("ecs"), "legacy-api")["taskDefinition"] == before


def test_a_write_cut_off_by_a_kill_is_as_if_never_sent(tmp_path: Path) -> None:
    port = free_port()
    with program(port, f"--state={tmp_path}") as process:
        _update(port, 1)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
    journal = tmp_path / "journal.jsonl"
    with journal.open("ab") as cut:
        cut.write(b'{"method": "POST", "path": "/", "hea')

    with opened(tmp_path) as second:
        assert service(second.client("ecs"), GREEN)["desiredCount"] == 1
        second.client("ecs").update_service(cluster=CLUSTER, service=GREEN, desiredCount=2)

    with opened(tmp_path) as third:
        assert service(third.client("ecs"), GREEN)["desiredCount"] == 2


def test_many_changes_of_the_same_thing_become_one(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        production = first.control.world["environments"]["production"]
        for weight in range(20):
            _shift(first, production, blue=20 - weight, green=weight)
            first.client("ecs").update_service(cluster=CLUSTER, service=GREEN, desiredCount=weight % 2)

    with opened(tmp_path) as second:
        records = [json.loads(line) for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
        # What is remembered of deployments goes on growing while the second sandbox runs; nobody sends it requests.
        requests = [record["key"] for record in records if record["method"] != REMEMBER]
        assert len(requests) == len(set(requests)) == 2
        assert _weights(second, production) == {"blue": 1, "green": 19}
        assert service(second.client("ecs"), GREEN)["desiredCount"] == 1


def test_of_what_is_remembered_under_one_name_the_last_is_kept() -> None:
    states = ("PENDING", "IN_PROGRESS", "SUCCESSFUL")
    records: list[dict[str, Any]] = [{"method": REMEMBER, "key": "one", "body": state} for state in states]

    assert [record["body"] for record in compacted(records)] == ["SUCCESSFUL"]


def test_records_without_a_key_are_all_kept() -> None:
    records: list[dict[str, Any]] = [{"number": 1, "body": ""}, {"number": 2, "body": ""}]

    assert compacted(records) == records


def _update(port: int, count: int) -> None:

    ecs = boto3.client(
        "ecs",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    ecs.update_service(cluster=CLUSTER, service=GREEN, desiredCount=count)


def _shift(sandbox: Sandbox, production: dict[str, Any], **weights: int) -> None:
    groups = [{"TargetGroupArn": production["target_groups"][slot], "Weight": weights[slot]} for slot in weights]
    actions = [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]
    sandbox.client("elbv2").modify_rule(RuleArn=production["production_rule"], Actions=actions)


def _weights(sandbox: Sandbox, production: dict[str, Any]) -> dict[str, int]:
    rule = sandbox.client("elbv2").describe_rules(RuleArns=[production["production_rule"]])["Rules"][0]
    groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    by_arn = {group["TargetGroupArn"]: group["Weight"] for group in groups}
    return {slot: by_arn[arn] for slot, arn in production["target_groups"].items()}


def _target(sandbox: Sandbox) -> dict[str, Any]:
    targets = sandbox.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[f"service/{CLUSTER}/{GREEN}"]
    )
    return dict(targets["ScalableTargets"][0])


def _suspend(sandbox: Sandbox, *, suspended: bool) -> None:
    sandbox.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=f"service/{CLUSTER}/{GREEN}",
        ScalableDimension="ecs:service:DesiredCount",
        SuspendedState={"DynamicScalingInSuspended": suspended},
    )


def _suspended(sandbox: Sandbox) -> bool:
    return bool(_target(sandbox)["SuspendedState"]["DynamicScalingInSuspended"])
