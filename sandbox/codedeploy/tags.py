"""Tags of applications and deployment groups, by ARN."""

from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Json
from sandbox.codedeploy.store import Store


def tag_resource(store: Store, request: Json) -> Json:
    key = _key(request["ResourceArn"])
    given = {tag["Key"]: tag for tag in request["Tags"]}
    store.tags[key] = [tag for tag in store.tags.get(key, []) if tag["Key"] not in given] + list(given.values())
    return {}


def untag_resource(store: Store, request: Json) -> Json:
    key = _key(request["ResourceArn"])
    store.tags[key] = [tag for tag in store.tags.get(key, []) if tag["Key"] not in request["TagKeys"]]
    return {}


def list_tags_for_resource(store: Store, request: Json) -> Json:
    return {"Tags": store.tags.get(_key(request["ResourceArn"]), [])}


def _key(arn: str) -> str:
    """arn:aws:codedeploy:REGION:ACCOUNT:application:NAME or ...:deploymentgroup:APPLICATION/GROUP"""
    kind, _, name = arn.partition(":codedeploy:")[2].partition(":")[2].partition(":")[2].partition(":")
    if kind not in ("application", "deploymentgroup") or not name:
        refuse("InvalidArn", f"The ARN is not valid: {arn}")
    return f"{kind}:{name}"
