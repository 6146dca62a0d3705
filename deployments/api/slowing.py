"""Whoever asks too often is told when to ask again: 429 with Retry-After."""

from django.http import HttpRequest

from deployments.api.problems import Stopped
from deployments.ops import rate
from deployments.ops.client_address import client_network


def slow_down(bucket: rate.Bucket, name: str, what: str, more: str = "") -> None:
    """`what` is too much begins the sentence, which the seconds end; `more` is what else to know. Raises Stopped."""
    if seconds := bucket.wait(name):
        sentence = f"{what}; wait {seconds} s. {more}".strip()
        raise Stopped(429, "Too often", sentence, headers={"Retry-After": str(seconds)})


def slow_down_address(bucket: rate.Bucket, request: HttpRequest, what: str) -> None:
    """For those who show no token: by what counts as one address. Raises Stopped."""
    slow_down(bucket, client_network(request) or "", what)
