from dataclasses import replace

from deployments.aws import values
from tests.preflight.world import (
    BALANCER_GROUP,
    Account,
    error,
    healthy_account,
    look,
    ok,
    unknown,
    warning,
)


def on_ec2(network_mode: str = "bridge", *, host_port: int = 0, groups: tuple[str, ...] = ("sg-instances",)) -> Account:
    account = healthy_account()
    account.on_ec2(network_mode, host_port)
    account.room = replace(account.room, security_groups=(groups,))
    account.open("sg-instances", 32768, 65535, BALANCER_GROUP)
    return account


def test_a_fixed_host_port_is_an_error() -> None:
    sentence = error(look(on_ec2(host_port=80)), "host-port")

    assert "has the fixed host port 80: a second task cannot start on the same instance" in sentence
    assert "Set hostPort to 0" in sentence


def test_host_port_0_is_fine() -> None:
    assert "Host port 0" in ok(look(on_ec2()), "host-port")


def test_network_mode_host_is_a_warning() -> None:
    assert "port 8000 is free for only one task an instance" in warning(look(on_ec2("host")), "host-port")


def test_the_instances_must_let_the_load_balancer_reach_docker_s_ports() -> None:
    account = on_ec2()
    account.open("sg-instances", 8000, 8000, BALANCER_GROUP)

    sentence = error(look(account), "security-groups")

    assert "sg-instances of the container instances does not let the load balancer (sg-balancer)" in sentence
    assert "reach port 32768-65535" in sentence
    assert "Add an inbound rule for TCP 32768-65535 from sg-balancer to sg-instances" in sentence


def test_all_protocols_cover_docker_s_ports() -> None:
    account = on_ec2()
    account.open("sg-instances", 0, 0, BALANCER_GROUP, protocol="-1")

    assert "lets the load balancer reach port 32768-65535" in ok(look(account), "security-groups")


def test_instances_that_cannot_be_read_are_unknown() -> None:
    account = on_ec2()
    account.room = replace(account.room, security_groups=None)

    sentence = unknown(look(account), "security-groups")

    assert "The container instances' security groups were not read" in sentence
    assert "Allow ec2:DescribeInstances" in sentence


def test_with_network_mode_host_the_container_port_counts() -> None:
    assert "reach port 8000: its targets would never become healthy" in error(look(on_ec2("host")), "security-groups")


def test_the_services_must_let_the_load_balancer_reach_the_container_port() -> None:
    account = healthy_account()
    account.open("sg-tasks", 80, 80, BALANCER_GROUP)
    account.doctor_service("green", security_groups=("sg-open",))
    account.open("sg-open", 0, 65535, "0.0.0.0/0")

    sentence = error(look(account), "security-groups")

    assert "sg-tasks of shop-blue does not let the load balancer (sg-balancer) reach port 8000" in sentence


def test_addresses_that_may_be_the_load_balancer_s_are_named() -> None:
    account = healthy_account()
    account.open("sg-tasks", 8000, 8000, "10.0.0.0/16")
    account.doctor_service("green", security_groups=("sg-open",))
    account.open("sg-open", 0, 65535, "::/0")

    seen = [result.seen for result in look(account).results if result.check == "security-groups"]

    assert "sg-tasks of shop-blue lets 10.0.0.0/16 reach port 8000, where the load balancer should be." in seen


def test_another_security_group_than_the_load_balancer_s_does_not_help() -> None:
    account = healthy_account()
    account.open("sg-tasks", 8000, 8000, "sg-somebody")
    account.doctor_service("green", security_groups=())

    assert "does not let the load balancer" in error(look(account), "security-groups")


def test_a_security_group_that_does_not_exist_is_an_error() -> None:
    account = healthy_account()
    account.doctor_service("green", security_groups=("sg-gone",))

    assert "The security group sg-gone of shop-green does not exist" in error(look(account), "security-groups")


def test_a_load_balancer_without_security_groups_is_unknown() -> None:
    account = healthy_account()
    account.load_balancer_groups = {}

    assert "shop has no security groups" in unknown(look(account), "security-groups")


def test_a_service_in_the_vpc_s_default_security_group_is_unknown() -> None:
    account = healthy_account()
    account.doctor_service("green", security_groups=())

    assert "shop-green names no security group" in unknown(look(account), "security-groups")


def test_room_for_one_slot_only_is_an_error() -> None:
    account = on_ec2()
    account.room = replace(account.room, remaining=((300, 4096), (200, 4096)))

    sentence = error(look(account), "capacity")

    assert "need room for 2 more tasks (256 CPU units and 512 MiB each)" in sentence
    assert "but there is room for 1 on 2 container instances of cluster shop: the others would stay PENDING" in sentence


def test_memory_counts_as_well_as_cpu() -> None:
    account = on_ec2()
    account.room = replace(account.room, remaining=((4096, 600),))

    assert "there is room for 1 on 1 container instance of" in error(look(account), "capacity")


def test_a_capacity_provider_may_start_instances() -> None:
    account = on_ec2()
    account.room = replace(account.room, remaining=())
    account.doctor_services(launch_type="", capacity_provider_strategy=({"capacityProvider": "shop-asg"},))

    assert "Check that the capacity provider may start enough instances" in warning(look(account), "capacity")


def test_room_for_both_slots_is_fine() -> None:
    assert "There is room for 2 more tasks" in ok(look(on_ec2()), "capacity")


def test_containers_reservations_count_when_the_task_has_none() -> None:
    account = on_ec2()
    account.doctor_definition(cpu=None, memory=None)
    account.doctor_container(cpu=128, memoryReservation=256)

    assert "(128 CPU units and 256 MiB each)" in ok(look(account), "capacity")


def test_fargate_needs_no_room() -> None:
    account = healthy_account()
    account.room = values.Capacity(remaining=())

    assert ok(look(account), "capacity") == "Fargate finds the room for both slots."
    assert account.calls["capacity"] == 0


def test_spot_is_fargate_too() -> None:
    account = healthy_account()
    account.doctor_services(launch_type="", capacity_provider_strategy=({"capacityProvider": "FARGATE_SPOT"},))

    assert ok(look(account), "capacity") == "Fargate finds the room for both slots."
