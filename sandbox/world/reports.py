"""Reports: an Auto Scaling group of two instances that CodeDeploy deploys to in place, one after the other.

Its releases are bundles in S3, made of the files in ``reports_bundle``. The migration of 1.2.0 fails. The first
deployment, of 1.0.0, is the account's own: it runs when the sandbox starts.
"""

import io
import zipfile
from pathlib import Path
from typing import Any

from sandbox.world import balancing
from sandbox.world.names import REPORTS, REPORTS_BUCKET, REPORTS_PORT, Client

AMAZON_LINUX = "ami-04681a1dbd79675a5"  # one that moto knows; listing them all takes a second
FILES = Path(__file__).parent / "reports_bundle"
VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
FAILS = "1.2.0"
GROUP = "production"


def reports(client: Client, network: dict[str, Any], role: str) -> dict[str, Any]:
    s3, elb, codedeploy = client("s3"), client("elbv2"), client("codedeploy")
    s3.create_bucket(Bucket=REPORTS_BUCKET)
    for version in VERSIONS:
        s3.put_object(Bucket=REPORTS_BUCKET, Key=f"{version}.zip", Body=bundle(version, fails=version == FAILS))
    balancer = balancing.load_balancer(elb, REPORTS, network)
    group = balancing.target_group(elb, REPORTS, network, "instance", drain=30)
    listener = balancing.forwarding_listener(elb, balancer, REPORTS_PORT, group)
    _instances(client, network, group)
    codedeploy.create_application(applicationName=REPORTS, computePlatform="Server")
    codedeploy.create_deployment_group(
        applicationName=REPORTS,
        deploymentGroupName=GROUP,
        deploymentConfigName="CodeDeployDefault.OneAtATime",
        serviceRoleArn=role,
        autoScalingGroups=[REPORTS],
        deploymentStyle={"deploymentType": "IN_PLACE", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        loadBalancerInfo={"targetGroupInfoList": [{"name": REPORTS}]},
        autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
    )
    codedeploy.create_deployment(
        applicationName=REPORTS,
        deploymentGroupName=GROUP,
        deploymentConfigName="CodeDeployDefault.AllAtOnce",
        revision=revision(VERSIONS[0]),
        description="The account's first release",
    )
    return {
        "application": REPORTS,
        "deployment_group": GROUP,
        "bucket": REPORTS_BUCKET,
        "keys": {version: f"{version}.zip" for version in VERSIONS},
        "versions": list(VERSIONS),
        "auto_scaling_group": REPORTS,
        "load_balancer": balancer,
        "listener": listener,
        "target_group": group,
        "port": REPORTS_PORT,
    }


def revision(version: str) -> dict[str, Any]:
    location = {"bucket": REPORTS_BUCKET, "key": f"{version}.zip", "bundleType": "zip"}
    return {"revisionType": "S3", "s3Location": location}


def bundle(version: str, *, fails: bool = False) -> bytes:
    """The same bytes every time, as the same release should have."""
    content = {str(path.relative_to(FILES)): path.read_bytes() for path in FILES.rglob("*.*") if path.is_file()}
    failing = content.pop("scripts/migrate-fails.sh")
    if fails:
        content["scripts/migrate.sh"] = failing
    content["app/VERSION"] = version.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(content):
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if name.endswith(".sh") else 0o644) << 16
            archive.writestr(entry, content[name])
    return buffer.getvalue()


def _instances(client: Client, network: dict[str, Any], target_group: str) -> None:
    ec2 = client("ec2")
    ec2.create_launch_template(
        LaunchTemplateName=REPORTS,
        LaunchTemplateData={"ImageId": AMAZON_LINUX, "InstanceType": "t3.micro"},
    )
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName=REPORTS,
        LaunchTemplate={"LaunchTemplateName": REPORTS, "Version": "$Latest"},
        MinSize=1,
        MaxSize=6,
        DesiredCapacity=2,
        AvailabilityZones=[f"{ec2.meta.region_name}a"],
        VPCZoneIdentifier=network["subnets"][0],
        TargetGroupARNs=[target_group],
        Tags=[{"Key": "Name", "Value": REPORTS, "PropagateAtLaunch": True}],
    )
