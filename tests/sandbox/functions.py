"""Functions for tests: code as an archive, and the roles around them."""

import io
import json
import zipfile
from typing import Any

from sandbox.server import Sandbox


def archive(code: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        files.writestr("hook.py", code)
    return packed.getvalue()


def role(sandbox: Sandbox, name: str, service: str, *actions: str) -> str:
    """A role that the service may assume, and that may do this."""
    iam = sandbox.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"])
    if actions:
        allowed = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=policy)
    return arn


def create(functions: Any, name: str, code: str, role_arn: str, **options: Any) -> str:
    given = {"Runtime": "python3.12", "Handler": "hook.handler", "Role": role_arn} | options
    return str(functions.create_function(FunctionName=name, Code={"ZipFile": archive(code)}, **given)["FunctionArn"])
