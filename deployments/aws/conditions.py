"""Which requests a listener rule catches: its conditions as values, and in words.

Source: elbv2's RuleCondition. A rule applies when all of its conditions hold, a condition when any of its values does;
the default rule has none and gets what no other rule of its listener caught.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deployments.words import joined

#: Fields that single out who asks, not what is asked for: how people mark their own requests as a test.
_MARKING = ("http-header", "query-string", "source-ip", "http-request-method")
_CONFIGS = {
    "host-header": "HostHeaderConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "path-pattern": "PathPatternConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """`field` is AWS's own, such as http-header; `name` the header's. Values may hold wildcards."""

    field: str
    name: str = ""
    values: tuple[str, ...] = ()

    @property
    def marks_requests(self) -> bool:
        """Whether it catches only requests that their sender marks, such as those of a test."""
        return self.field in _MARKING

    @property
    def words(self) -> str:
        said = joined(list(self.values), "or") or "anything"
        match self.field:
            case "http-header":
                return f"header {self.name}: {said}"
            case "host-header":
                return f"host {said}"
            case "path-pattern":
                return f"path {said}"
            case "query-string":
                return f"query string {said}"
            case "source-ip":
                return f"from {said}"
            case "http-request-method":
                return f"method {said}"
            case _:
                return f"{self.field} {said}"


def conditions_from(raw: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    return tuple(_condition(each) for each in raw)


def _condition(raw: Mapping[str, Any]) -> Condition:
    field = str(raw.get("Field", ""))
    config = raw.get(_CONFIGS.get(field, ""), {})
    values = [*config.get("Values", raw.get("Values", ())), *config.get("RegexValues", raw.get("RegexValues", ()))]
    return Condition(
        field=field,
        name=str(config.get("HttpHeaderName", "")),
        values=tuple(_value(each) for each in values),
    )


def _value(raw: str | Mapping[str, str]) -> str:
    """A query string's values are pairs, of which the key may be missing."""
    if isinstance(raw, str):
        return raw
    return f"{raw['Key']}={raw.get('Value', '')}" if raw.get("Key") else raw.get("Value", "")


def in_words(conditions: Sequence[Condition], *, is_default: bool) -> str:
    """Such as "requests with path /api/* and header X-Test: yes"."""
    if not conditions:
        return "all requests that no other rule of its listener catches" if is_default else "all requests"
    return f"requests with {joined([condition.words for condition in conditions])}"
