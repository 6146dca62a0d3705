"""What Terraform's provider reads back after it wrote: the sandbox tells it as AWS would."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.server import Sandbox
from sandbox.world.names import EXECUTION


def test_aws_own_policies_are_there_once_they_are_attached(client: Any) -> None:
    iam = client("iam")
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"

    iam.attach_role_policy(RoleName=EXECUTION, PolicyArn=arn)

    attached = iam.list_attached_role_policies(RoleName=EXECUTION)["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [arn]
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert "ecr:BatchGetImage" in json.dumps(document)


def test_a_policy_that_aws_does_not_have_cannot_be_attached(client: Any) -> None:
    for arn in ("arn:aws:iam::aws:policy/NoSuchPolicy", "arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy"):
        with pytest.raises(ClientError, match="does not exist or is not attachable"):
            client("iam").attach_role_policy(RoleName=EXECUTION, PolicyArn=arn)


def test_a_rule_for_a_security_group_keeps_its_description(client: Any, sandbox: Sandbox) -> None:
    ec2, network = client("ec2"), sandbox.control.world["network"]
    group = ec2.create_security_group(GroupName="described", Description="described", VpcId=network["vpc"])["GroupId"]
    source = {"GroupId": network["load_balancer_security_group"], "Description": "The load balancer"}
    permission = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [source]}

    made = ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])["SecurityGroupRules"][0]

    filters = [{"Name": "group-id", "Values": [group]}]
    rules = ec2.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    described = next(rule for rule in rules if rule["SecurityGroupRuleId"] == made["SecurityGroupRuleId"])
    assert described["Description"] == "The load balancer"


def test_a_launch_templates_own_tags_are_not_its_instances(client: Any) -> None:
    ec2 = client("ec2")
    tags = [{"Key": "Project", "Value": "shop"}]
    ec2.create_launch_template(
        LaunchTemplateName="tagged",
        LaunchTemplateData={
            "InstanceType": "t3.micro",
            "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]}],
        },
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
    )

    versions = ec2.describe_launch_template_versions(LaunchTemplateName="tagged")["LaunchTemplateVersions"]

    kinds = [each["ResourceType"] for each in versions[0]["LaunchTemplateData"]["TagSpecifications"]]
    assert kinds == ["instance"]
    assert ec2.describe_launch_templates(LaunchTemplateNames=["tagged"])["LaunchTemplates"][0]["Tags"] == tags


def test_instances_are_in_the_security_groups_of_their_templates_interface(client: Any, sandbox: Sandbox) -> None:
    ec2, network = client("ec2"), sandbox.control.world["network"]
    interface = {"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": [network["security_group"]]}
    ec2.create_launch_template(
        LaunchTemplateName="interface",
        LaunchTemplateData={"InstanceType": "t3.micro", "NetworkInterfaces": [interface]},
    )

    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="interface",
        LaunchTemplate={"LaunchTemplateName": "interface", "Version": "$Latest"},
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=network["subnets"][0],
    )

    filters = [{"Name": "tag:aws:autoscaling:groupName", "Values": ["interface"]}]
    started = ec2.describe_instances(Filters=filters)["Reservations"][0]["Instances"][0]
    assert [group["GroupId"] for group in started["SecurityGroups"]] == [network["security_group"]]


def test_an_instance_is_in_the_security_groups_of_its_interface(client: Any, sandbox: Sandbox) -> None:
    network = sandbox.control.world["network"]
    group, subnet = network["security_group"], network["subnets"][0]
    interface = {"DeviceIndex": 0, "SubnetId": subnet, "AssociatePublicIpAddress": True, "Groups": [group]}

    started = client("ec2").run_instances(
        ImageId="ami-04681a1dbd79675a5", MinCount=1, MaxCount=1, NetworkInterfaces=[interface]
    )["Instances"][0]

    described = client("ec2").describe_instances(InstanceIds=[started["InstanceId"]])
    instance = described["Reservations"][0]["Instances"][0]
    assert [each["GroupId"] for each in instance["SecurityGroups"]] == [group]
    assert [each["GroupId"] for each in instance["NetworkInterfaces"][0]["Groups"]] == [group]
