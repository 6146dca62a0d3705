"""Conditions as AWS gives them, and what people read."""

from typing import Any

import pytest

from deployments.aws.conditions import conditions_from, in_words


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"Field": "path-pattern", "Values": ["/a"], "PathPatternConfig": {"Values": ["/a", "/b/*"]}},
         "path /a or /b/*"),
        ({"Field": "host-header", "HostHeaderConfig": {"Values": ["shop.example"]}}, "host shop.example"),
        ({"Field": "host-header", "HostHeaderConfig": {"RegexValues": ["^shop"]}}, "host ^shop"),
        ({"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-T", "Values": ["1"]}}, "header X-T: 1"),
        ({"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "try", "Value": "1"}, {"Value": "x"}]}},
         "query string try=1 or x"),
        ({"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}, "from 10.0.0.0/8"),
        ({"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["GET"]}}, "method GET"),
        ({"Field": "of-2030", "Values": ["a"]}, "of-2030 a"),
    ],
)  # fmt: skip
def test_a_condition_is_said_in_words(raw: dict[str, Any], words: str) -> None:
    assert in_words(conditions_from([raw]), is_default=False) == f"requests with {words}"


def test_a_default_rule_gets_the_rest() -> None:
    assert in_words((), is_default=True) == "all requests that no other rule of its listener catches"
