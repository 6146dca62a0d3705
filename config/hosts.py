"""Hosts of a Django application behind a load balancer of AWS. Copy this file into yours: it needs only Django.

A load balancer checks a task by its private address: `Host: 10.0.2.106:8080`, over plain HTTP, and nothing of that
can be changed. Django answers 400 (host unknown) or 301 (to HTTPS), the target is called unhealthy, and ECS replaces
the task for ever. Two things help, without opening the site to other host names:

1. `health_check`, first in MIDDLEWARE, answers exactly /healthz before anything asks for the host. It touches
   neither database nor network: it says that this process answers, which is what replacing it could mend. A setting
   HEALTH_HEADERS may add headers to the answer, such as which version it is that answers.
2. `ALLOWED_HOSTS += own_hosts()` adds the addresses under which a load balancer knows this task:
   - from the task metadata endpoint, version 4, when ECS names it; awsvpc gives every task its own address.
   - from the instance metadata service (IMDSv2 only) on EC2 and for bridge and host networks, where the load
     balancer calls the instance. Its answer to the PUT goes no further than the hop limit, 1 by default, so that
     from a container in a bridge network it never comes.
   Each has one second in all. Whatever is absent, slow or malformed adds no host and raises nothing.

Elsewhere than on AWS nothing is asked at all: the environment has no ECS_CONTAINER_METADATA_URI_V4, and the name of
the machine's maker is a small file of the kernel's.
"""

import http.client
import io
import ipaddress
import json
import os
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

HEALTH_PATH = "/healthz"
SECONDS = 1.0
#: The answers are a few KiB; whatever sends more is no metadata service.
LONGEST = 256 * 1024
IMDS = "http://169.254.169.254"
IMDS_ADDRESSES = ("local-ipv4", "ipv6")
MAKER = Path("/sys/devices/virtual/dmi/id/sys_vendor")

View = Callable[[HttpRequest], HttpResponse]


def health_check(get_response: View) -> View:
    def middleware(request: HttpRequest) -> HttpResponse:
        # Not `path`, which begins with the sub path that FORCE_SCRIPT_NAME or the server adds.
        if request.path_info == HEALTH_PATH and request.method in ("GET", "HEAD"):
            headers = {"Cache-Control": "no-store", **getattr(settings, "HEALTH_HEADERS", {})}
            return HttpResponse("ok\n", content_type="text/plain", headers=headers)
        return get_response(request)

    return middleware


def own_hosts(environ: Mapping[str, str] = os.environ, maker: Path = MAKER, seconds: float = SECONDS) -> list[str]:
    """This task's own addresses as ALLOWED_HOSTS has them (IPv6 in brackets). At most two seconds, mostly none."""
    addresses, network = _of_the_task(environ.get("ECS_CONTAINER_METADATA_URI_V4", ""), seconds)
    if network != "awsvpc" and _is_on_ec2(environ, maker):
        addresses += _of_the_instance(environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or IMDS, seconds)
    return list(dict.fromkeys(_as_hosts(addresses)))


def _of_the_task(url: str, seconds: float) -> tuple[list[str], str]:
    """What the task metadata endpoint says: addresses, and the network mode ("" when it says nothing)."""
    found: list[str] = []
    mode = ""
    if url:
        try:
            networks = json.loads(_ask("GET", url, {}, time.monotonic() + seconds))["Networks"]
            for network in networks:
                mode = str(network["NetworkMode"])
                found += [*(network.get("IPv4Addresses") or []), *(network.get("IPv6Addresses") or [])]
        except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, AttributeError):
            return [], ""
    return found, mode


def _of_the_instance(endpoint: str, seconds: float) -> list[str]:
    ends = time.monotonic() + seconds
    base = f"{endpoint.rstrip('/')}/latest"
    try:
        token = _ask("PUT", f"{base}/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"}, ends)
    except (OSError, http.client.HTTPException, ValueError):
        return []
    found = []
    for name in IMDS_ADDRESSES:
        try:
            found.append(_ask("GET", f"{base}/meta-data/{name}", {"X-aws-ec2-metadata-token": token}, ends))
        except (OSError, http.client.HTTPException, ValueError):
            continue  # most instances have no IPv6 address
    return found


def _is_on_ec2(environ: Mapping[str, str], maker: Path) -> bool:
    """Without asking the network. The three variables are the AWS SDKs' and the ECS agent's own."""
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return False
    if environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT") or environ.get("AWS_EXECUTION_ENV") == "AWS_ECS_EC2":
        return True
    if environ.get("AWS_EXECUTION_ENV") == "AWS_ECS_FARGATE":  # has no such service
        return False
    try:
        return maker.read_text(encoding="ascii", errors="replace").strip() == "Amazon EC2"
    except OSError:
        return False


def _as_hosts(addresses: Iterable[Any]) -> Iterable[str]:
    for address in addresses:
        try:
            ip = ipaddress.ip_address(str(address).strip())
        except ValueError:
            continue
        yield f"[{ip}]" if ip.version == 6 else str(ip)


def _ask(method: str, url: str, headers: Mapping[str, str], ends: float) -> str:
    """The text of a 200. Raises OSError, HTTPException or ValueError; TimeoutError when it is not whole by `ends`."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{url} is no http address")
    request = [f"{method} {parts.path or '/'} HTTP/1.1", f"Host: {parts.netloc}", "Connection: close"]
    request += [f"{name}: {_one_line(value)}" for name, value in headers.items()]
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=_left(ends)) as connection:
        connection.sendall(("\r\n".join(request) + "\r\n\r\n").encode("ascii"))
        answer = http.client.HTTPResponse(_Reading(connection, ends), method=method)  # type: ignore[arg-type]
        answer.begin()
        body = answer.read(LONGEST)
    if answer.status != 200:
        raise ValueError(f"{url} answered {answer.status}")
    return body.decode("utf-8")


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("no value of a header")
    return value


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError("no whole answer in time")
    return left


class _Reading(io.RawIOBase):
    """A socket's other direction. Each read may take what is left: a time-out of the socket's begins anew at each."""

    def __init__(self, connection: socket.socket, ends: float) -> None:
        self._connection, self._ends = connection, ends

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._ends))
        return self._connection.recv_into(buffer)
