"""The one account that a sandbox stands for, and the region in which it is seeded if nobody names another."""

ACCOUNT = "123456789012"
REGION = "us-east-1"


def arn(service: str, resource: str, region: str) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{resource}"


def region_of(arn: str) -> str:
    return arn.split(":")[3]
