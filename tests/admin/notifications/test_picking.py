"""What is typed for a service becomes an address that apprise reads as it was meant."""

from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from deployments.admin.notifications.picking import SERVICES
from deployments.refused import Refused
from deployments.telling.notifications import schemas
from deployments.telling.notifications.services import email, teams, typed_address

#: By our key, apprise's module and class: asked for by name, apprise would load all of its plugins.
PLUGINS = {
    "slack": ("slack", "NotifySlack"),
    "slack-bot": ("slack", "NotifySlack"),
    "teams": ("workflows", "NotifyWorkflows"),
    "discord": ("discord", "NotifyDiscord"),
    "telegram": ("telegram", "NotifyTelegram"),
    "ntfy": ("ntfy", "NotifyNtfy"),
    "webhook": ("custom_json", "NotifyJSON"),
    "other": ("matrix.base", "NotifyMatrix"),
}
TEAMS = "https://prod-12.westeurope.logic.azure.com:443/workflows/{}/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sig={}"
DIRECT = "https://default0a1b.19.environment.api.powerplatform.com/powerautomate/automations/direct/cu/11/workflows/abc/triggers/manual/paths/invoke?api-version=1&sig=S_-x"


def read(key: str, **typed: str) -> Any:
    """apprise's plugin for it."""
    module, name = PLUGINS[key]
    plugin = getattr(import_module(f"apprise.plugins.{module}"), name)
    return plugin(**plugin.parse_url(SERVICES[key].made_of(typed).url))


def test_slacks_webhook_is_read_as_its_three_tokens() -> None:
    plugin = read("slack", url="https://hooks.slack.com/services/T1/B2/c3XYZ")

    assert (plugin.mode, plugin.token_a, plugin.token_b, plugin.token_c) == ("hook", "T1", "B2", "c3XYZ")


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("https://hooks.slack-gov.com/services/T1/B2/c3XYZ", "gov-hook"),
        ("https://hooks.slack.com/triggers/T1/123/abc", "trigger"),
        ("https://hooks.slack.com/workflows/T1/F1/123/abc/", "workflow"),
    ],
)
def test_slacks_other_addresses_are_told_apart(url: str, mode: str) -> None:
    assert read("slack", url=url).mode == mode


@pytest.mark.parametrize(
    ("place", "target"),
    [
        ("#deploys", "#deploys"),
        ("deploys", "#deploys"),
        ("C0123456789", "+C0123456789"),
        ("U0123456789", "@U0123456789"),
    ],
)
def test_slacks_bot_knows_a_channel_by_name_or_id_and_a_member(place: str, target: str) -> None:
    plugin = read("slack-bot", token="xoxb-1-2-abc", place=place)

    assert plugin.access_token == "xoxb-1-2-abc"
    assert target in (plugin.channels, *plugin.channels)


def test_teams_workflow_keeps_where_it_is_and_its_signature() -> None:
    plugin = read("teams", url=TEAMS.format("0bcd", "e-F_1"))

    assert (plugin.host, plugin.port, plugin.workflow, plugin.signature, plugin.power_automate) == (
        "prod-12.westeurope.logic.azure.com", 443, "0bcd", "e-F_1", False,
    )  # fmt: skip


def test_teams_newer_workflows_keep_their_route() -> None:
    plugin = read("teams", url=DIRECT)

    assert (plugin.workflow, plugin.signature, plugin.power_automate, plugin.routing_id) == ("abc", "S_-x", True, "11")


def test_discords_webhook_is_read_as_id_and_token() -> None:
    plugin = read("discord", url="https://discord.com/api/webhooks/4711/aB-c_1")

    assert (plugin.webhook_id, plugin.webhook_token) == ("4711", "aB-c_1")


def test_telegrams_bot_writes_to_a_person_or_a_group() -> None:
    assert read("telegram", token="123:AA-b_c", chat="-1001234").bot_token == "123:AA-b_c"
    assert [each[0] for each in read("telegram", token="bot123:AAbc", chat="-1001234").targets] == [-1001234]


def test_ntfy_is_the_public_server_unless_another_is_named() -> None:
    assert (read("ntfy", topic="t-1").host, read("ntfy", topic="t-1").topics) == ("ntfy.sh", ["t-1"])

    own = read("ntfy", topic="t-1", server="https://ntfy.example.com:8443", token="tk_abc")
    assert (own.mode, own.host, own.port, own.secure, own.token, own.topics) == (
        "private", "ntfy.example.com", 8443, True, "tk_abc", ["t-1"],
    )  # fmt: skip


def test_a_program_gets_its_whole_address_with_what_follows_the_question_mark() -> None:
    plugin = read("webhook", url="https://hooks.example.com:8443/in/1?key=a%26b&x=")

    assert (plugin.secure, plugin.host, plugin.port, plugin.fullpath) == (True, "hooks.example.com", 8443, "/in/1")
    assert plugin.params == {"key": "a&b", "x": ""}


def test_our_own_ways_out_read_what_was_typed_for_them() -> None:
    role = "arn:aws:iam::123456789012:role/x+y"
    for key, asked, arn in (
        ("sns", "topic", "arn:aws:sns:eu-central-1:123456789012:deploys"),
        ("eventbridge", "bus", "arn:aws:events:eu-central-1:123456789012:event-bus/deploys"),
    ):
        address = typed_address.read(SERVICES[key].made_of({asked: arn, "role": role, "external_id": "a:b"}).url)
        assert (address.where, address.options) == (arn, {"role": role, "external_id": "a:b"})
    assert email.to_of(SERVICES["email"].made_of({"to": "maya+50%40x@example.com"}).url) == "maya+50%40x@example.com"
    incident = typed_address.read(SERVICES["pagerduty"].made_of({"key": "0" * 32, "region": "eu"}).url)
    assert (incident.where, incident.options) == ("0" * 32, {"region": "eu"})


@pytest.mark.parametrize("url", [DIRECT, TEAMS.format("0bcd", "e-F_1")])
def test_teams_is_asked_where_the_workflow_said(url: str) -> None:
    typed, asked = urlsplit(url), urlsplit(teams.workflow(SERVICES["teams"].made_of({"url": url}).url))

    assert (asked.netloc, asked.path) == (typed.netloc, typed.path)
    assert parse_qs(typed.query).items() <= parse_qs(asked.query).items()


def test_what_is_told_by_tealgates_own_credentials_is_offered_to_channels_only() -> None:
    assert {key for key, each in SERVICES.items() if each.is_of_channels} == schemas.OF_CHANNELS


def test_an_address_as_a_service_shows_it_is_told_by_its_host() -> None:
    made = SERVICES["other"].made_of({"url": "https://maya:secret@chat.googleapis.com/v1/spaces/x?key=secret"})

    assert made.shown == "chat.googleapis.com"


def test_any_other_address_of_apprise_is_taken_as_it_is() -> None:
    assert read("other", url="matrixs://maya:secret@matrix.example.com/#room").host == "matrix.example.com"


TYPED = {
    "email": ({"to": "maya@example.com"}, "maya@example.com"),
    "slack": ({"url": "https://hooks.slack.com/services/T1/B2/c3XYZ"}, "Slack webhook of T1"),
    "slack-bot": ({"token": "xoxb-1-2-abc", "place": "C0123456"}, "Slack C0123456"),
    "teams": ({"url": TEAMS.format("0bcd", "e-F_1")}, "Teams workflow at prod-12.westeurope.logic.azure.com"),
    "teams-bot": ({"code": "K7QMW 2RXD9"}, "A conversation in Teams"),
    "discord": ({"url": "https://discord.com/api/webhooks/4711/aB-c_1"}, "Discord webhook 4711"),
    "telegram": ({"token": "123:AAbc", "chat": "-1001234"}, "Telegram chat -1001234"),
    "pagerduty": ({"key": "0123456789abcdef0123456789abcdef"}, "PagerDuty, key …cdef"),
    "opsgenie": ({"key": "01234567-89ab-cdef-0123-456789abcdef", "region": "EU"}, "Opsgenie, key …cdef"),
    "sns": ({"topic": "arn:aws:sns:eu-central-1:123456789012:deploys"}, "SNS deploys in eu-central-1"),
    "eventbridge": (
        {"bus": "arn:aws:events:eu-central-1:123456789012:event-bus/deploys"},
        "EventBridge event-bus/deploys in eu-central-1",
    ),
    "ntfy": ({"topic": "nobody-guesses"}, "ntfy at ntfy.sh"),
    "webhook": ({"url": "https://maya:secret@hooks.example.com/in?key=secret"}, "hooks.example.com"),
    "other": ({"url": "matrixs://maya:secret@matrix.example.com/#room"}, "apprise matrixs"),
}


@pytest.mark.parametrize("key", SERVICES)
def test_others_see_of_an_address_no_token_of_it(key: str) -> None:
    typed, shown = TYPED[key]

    made = SERVICES[key].made_of(typed)
    assert made.shown == shown
    assert not schemas.refusal(made.url.partition(":")[0])
    assert made.url not in repr(made)


TYPED_WRONG = {
    "email": {"to": "maya@"},
    "slack": {"url": "https://slack.com/archives/C1"},
    "slack-bot": {"token": "xapp-1", "place": "#deploys"},
    "teams": {"url": "https://teams.microsoft.com/l/channel/1"},
    "teams-bot": {"code": "K7QMW"},
    "discord": {"url": "https://discord.gg/abc"},
    "telegram": {"token": "AA", "chat": "1"},
    "pagerduty": {"key": "short"},
    "opsgenie": {"key": "short"},
    "sns": {"topic": "arn:aws:sqs:eu-central-1:123456789012:deploys"},
    "eventbridge": {"bus": "deploys"},
    "ntfy": {"topic": "with space"},
    "webhook": {"url": "hooks.example.com"},
    "other": {"url": "matrix.example.com"},
}


@pytest.mark.parametrize("key", SERVICES)
def test_what_is_typed_wrong_is_said_at_its_field(key: str) -> None:
    with pytest.raises(Refused) as refused:
        SERVICES[key].made_of(TYPED_WRONG[key])

    first = SERVICES[key].asked[0]
    assert (refused.value.field, refused.value.sentence) == (first.name, first.wrong)


@pytest.mark.parametrize("key", SERVICES)
def test_what_is_left_empty_is_asked_for_with_where_it_is_found(key: str) -> None:
    with pytest.raises(Refused) as refused:
        SERVICES[key].made_of({})

    assert SERVICES[key].asked[0].found in refused.value.sentence
