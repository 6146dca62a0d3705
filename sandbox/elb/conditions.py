"""Rule conditions: what a request must look like for a rule to apply.

Patterns know ``*`` and ``?``. Paths compare with case, everything else without, as on a real load balancer.
A condition holds when any of its values matches; a rule applies when all of its conditions hold.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from sandbox.elb.wire import Head


@dataclass(frozen=True, slots=True)
class Request:
    """What rules look at."""

    method: str
    path: str
    query: str
    host: str
    client_ip: str
    head: Head


Test = Callable[[Request], bool]


def compile_condition(condition: Mapping[str, Any]) -> Test:
    return _COMPILERS[condition["Field"]](condition)


def _values(condition: Mapping[str, Any], config: str) -> list[Any]:
    return list(condition.get(config, {}).get("Values") or condition.get("Values") or [])


def _wildcards(patterns: list[str], *, ignore_case: bool = True) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") for pattern in patterns)
    return re.compile(f"(?:{alternatives})", re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _path(condition: Mapping[str, Any]) -> Test:
    pattern = _wildcards(_values(condition, "PathPatternConfig"), ignore_case=False)
    return lambda request: pattern.fullmatch(request.path) is not None


def _host(condition: Mapping[str, Any]) -> Test:
    pattern = _wildcards(_values(condition, "HostHeaderConfig"))
    return lambda request: pattern.fullmatch(request.host) is not None


def _header(condition: Mapping[str, Any]) -> Test:
    name = condition["HttpHeaderConfig"]["HttpHeaderName"].lower()
    pattern = _wildcards(_values(condition, "HttpHeaderConfig"))
    return lambda request: any(pattern.fullmatch(value) for value in request.head.all(name))


def _method(condition: Mapping[str, Any]) -> Test:
    methods = frozenset(_values(condition, "HttpRequestMethodConfig"))
    return lambda request: request.method in methods


def _query(condition: Mapping[str, Any]) -> Test:
    pairs = [
        (_wildcards([pair.get("Key") or "*"]), _wildcards([pair["Value"]]))
        for pair in _values(condition, "QueryStringConfig")
    ]

    def holds(request: Request) -> bool:
        given = parse_qsl(request.query, keep_blank_values=True)
        return any(key.fullmatch(k) and value.fullmatch(v) for key, value in pairs for k, v in given)

    return holds


def _source_ip(condition: Mapping[str, Any]) -> Test:
    networks = [ipaddress.ip_network(cidr, strict=False) for cidr in _values(condition, "SourceIpConfig")]
    return lambda request: any(ipaddress.ip_address(request.client_ip) in network for network in networks)


_COMPILERS: dict[str, Callable[[Mapping[str, Any]], Test]] = {
    "path-pattern": _path,
    "host-header": _host,
    "http-header": _header,
    "http-request-method": _method,
    "query-string": _query,
    "source-ip": _source_ip,
}
