"""Templates of links, and what values can do in them: never more than be a value."""

import pytest

from deployments.link_template import LinkTemplate, cloudwatch

VALUES = {"service": "shop-green", "version": "1.4.2", "region": "eu-central-1", "git_sha": "0123abc", "ended": ""}


@pytest.mark.parametrize(
    ("template", "url"),
    [
        ("https://grafana.example.com/d/ecs?var-service={service}&to=now", "https://grafana.example.com/d/ecs?var-service=shop-green&to=now"),
        ("https://{region}.console.aws.amazon.com/x#a:{version}", "https://eu-central-1.console.aws.amazon.com/x#a:1.4.2"),
        ("HTTP://logs.example.com/{service}/{version}", "HTTP://logs.example.com/shop-green/1.4.2"),
        ("https://example.com/%7B{service}%7D", "https://example.com/%7Bshop-green%7D"),
        ("https://example.com/{ended}", ""),
        ("https://example.com/{previous_version}", ""),
    ],
)  # fmt: skip
def test_values_take_their_places_and_a_missing_one_leaves_the_link_out(template: str, url: str) -> None:
    assert LinkTemplate.parse(template).url(VALUES) == url


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("a/b?c#d&e=f", "https://example.com/a%2Fb%3Fc%23d%26e%3Df"),
        ("javascript:alert(1)", "https://example.com/javascript%3Aalert%281%29"),
        ("//evil.example", "https://example.com/%2F%2Fevil.example"),
        ("é \n\"'<", "https://example.com/%C3%A9%20%0A%22%27%3C"),
        ("..", ""),
    ],
)
def test_a_value_is_encoded_and_cannot_leave_its_place(value: str, url: str) -> None:
    assert LinkTemplate.parse("https://example.com/{version}").url({"version": value}) == url


@pytest.mark.parametrize("value", ["evil.example/", "a.b", "a:80@", "-a", "a#", "a%2e"])
def test_a_value_in_the_host_is_one_label_or_there_is_no_link(value: str) -> None:
    template = LinkTemplate.parse("https://{environment}.example.com/")

    assert (template.url({"environment": value}), template.missing({"environment": value})) == ("", ("environment",))


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("javascript:alert(1)", "begins with https://"),
        ("{version}://example.com", "begins with https://"),
        ("{service}", "begins with https://"),
        ("//example.com", "begins with https://"),
        ("data:text/html,x", "begins with https://"),
        ("https://", "has no host"),
        ("https://{service}", "only be in the first part"),
        ("https://example.{region}/", "only be in the first part"),
        ("https://user:{version}@example.com/", "No user and password"),
        ("https://example.com\\@evil.example/", "no blanks"),
        ("https://example.com/a b", "no blanks"),
        ("https://example.com/\u202ea", "no blanks"),
        (
            "https://example.com/{tickets}",
            "There is no {tickets} (at character 21); there are application",
        ),
        ("https://example.com/{service", "brace at character 21"),
        ("https://example.com:port/", "no address"),
        ("https://example.com/" + "a" * 1000, "1000 is the most"),
    ],
)
def test_what_is_no_template_is_refused_with_its_place(template: str, says: str) -> None:
    with pytest.raises(ValueError) as refused:
        LinkTemplate.parse(template)
    assert says in str(refused.value)


def test_a_log_group_is_written_as_cloudwatch_has_it() -> None:
    values = {"region": "eu-central-1", "cloudwatch_log_group": cloudwatch("/ecs/shop")}
    template = (
        "https://{region}.console.aws.amazon.com/cloudwatch/home#logsV2:log-groups/log-group/{cloudwatch_log_group}"
    )

    assert LinkTemplate.parse(template).url(values).endswith("/log-group/$252Fecs$252Fshop")
