"""AWS as somebody at its console has it. Making a client costs as much as two requests, so there is one an endpoint."""

import functools
import os
from typing import Any

import boto3

from sandbox.account import REGION


def client(service: str) -> Any:
    """Of the sandbox that runs now."""
    return _made(service, os.environ["AWS_ENDPOINT_URL"])


@functools.cache
def _made(service: str, endpoint: str) -> Any:
    return boto3.client(service, region_name=REGION, endpoint_url=endpoint)
