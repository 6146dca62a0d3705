"""The images that instances start from: all that AWS offers, though few are ever made."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.ec2.models import ec2_backends

from sandbox.account import ACCOUNT, REGION
from sandbox.machine_images import Offered

APPLICATIONS = ()
OF_WINDOWS = "ami-03cf127a"
LATEST = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
FOR_ECS = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"


@pytest.fixture
def ec2(client: Any) -> Any:
    return client("ec2")


def made() -> int:
    return len(ec2_backends[ACCOUNT][REGION].amis)


@pytest.mark.parametrize("parameter", [LATEST, FOR_ECS])
def test_an_image_that_a_parameter_names_is_there(client: Any, ec2: Any, parameter: str) -> None:
    before = made()
    named = client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]

    (image,) = ec2.describe_images(ImageIds=[named])["Images"]

    assert (image["ImageId"], image["VirtualizationType"]) == (named, "hvm")
    (snapshot,) = ec2.describe_snapshots(SnapshotIds=[image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]])[
        "Snapshots"
    ]
    assert named in snapshot["Description"]
    assert made() <= before + 1


def test_an_instance_is_like_its_image(ec2: Any) -> None:
    before = made()
    (instance,) = ec2.run_instances(ImageId=OF_WINDOWS, MinCount=1, MaxCount=1)["Instances"]

    assert (instance["VirtualizationType"], instance["Platform"]) == ("hvm", "windows")
    assert made() <= before + 1


def test_only_the_image_that_is_asked_for_is_made(ec2: Any) -> None:
    offered = Offered(ec2_backends[ACCOUNT][REGION])

    assert OF_WINDOWS in offered
    assert list(offered) == [OF_WINDOWS]


def test_whoever_does_not_name_an_image_looks_through_all(ec2: Any) -> None:
    alike = ec2.describe_images(Filters=[{"Name": "image-id", "Values": [f"{OF_WINDOWS[:-1]}*"]}])["Images"]
    from_amazon = ec2.describe_images(Owners=["amazon"])["Images"]

    assert [image["ImageId"] for image in alike] == [OF_WINDOWS]
    assert len(from_amazon) > 1000
    assert len({image["CreationDate"] for image in from_amazon}) == 1


@pytest.mark.parametrize(("region", "zone"), [("us-east-1", "us-east-1a"), ("eu-central-1", "eu-central-1a")])
def test_the_types_of_instances_are_those_of_the_region(client: Any, region: str, zone: str) -> None:
    there = client("ec2", region=region)
    offered = there.describe_instance_type_offerings(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["t3.micro"]}]
    )["InstanceTypeOfferings"]

    assert {"InstanceType": "t3.micro", "LocationType": "availability-zone", "Location": zone} in offered
    assert all(each["Location"].startswith(region) for each in offered)


def test_an_image_of_nobody_is_not_there(ec2: Any) -> None:
    with pytest.raises(ClientError, match=r"InvalidAMIID\.NotFound"):
        ec2.describe_images(ImageIds=["ami-0123456789abcdef0"])
    with pytest.raises(ClientError, match=r"InvalidAMIID\.NotFound"):
        ec2.deregister_image(ImageId="ami-0123456789abcdef0")


def test_an_image_that_was_withdrawn_does_not_come_back(ec2: Any) -> None:
    withdrawn = ec2.describe_images(Owners=["amazon"])["Images"][-1]["ImageId"]
    ec2.deregister_image(ImageId=withdrawn)

    assert ec2.describe_images(ImageIds=[withdrawn])["Images"] == []
