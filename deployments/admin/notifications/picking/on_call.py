"""On call: one incident for one trouble, closed once it is over. And what AWS has for telling others."""

from urllib.parse import urlencode

from deployments.admin.notifications.picking.service import Answers, Asked, Service

_EU = Asked(
    name="region", label="Region", like="us", found="us, or eu for an account in Europe. Left empty: us.",
    pattern="us|eu", wrong="Write us or eu.", is_needed=False,
)  # fmt: skip


def _of_pagerduty(said: Answers) -> str:
    return f"pagerduty://{said['key']}/{_region(said)}"


def _of_opsgenie(said: Answers) -> str:
    return f"opsgenie://{said['key']}/{_region(said)}"


def _region(said: Answers) -> str:
    return "?region=eu" if said["region"].lower() == "eu" else ""


def _of_sns(said: Answers) -> str:
    return f"sns://{said['topic']}{_as(said)}"


def _of_eventbridge(said: Answers) -> str:
    return f"eventbridge://{said['bus']}{_as(said)}"


def _as(said: Answers) -> str:
    """In whose name AWS is asked."""
    named = {name: said[name] for name in ("role", "external_id") if said[name]}
    return f"?{urlencode(named)}" if named else ""


_TOPIC = "arn:aws:sns:eu-central-1:123456789012:deploys"
_ROLE = "arn:aws:iam::123456789012:role/tealgate"
_SIGNS = "+ = , . @ : / -"
_IN_ANOTHER_ACCOUNT = (
    Asked(
        name="role", label="Role ARN", like=_ROLE, is_needed=False,
        found="For another account. Left empty: the role that Tealgate runs as.",
        pattern=r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+",
        wrong=f"Write a role's ARN, such as {_ROLE}.",
    ),
    Asked(
        name="external_id", label="External ID", is_needed=False, found="Where the role's trust asks for one.",
        pattern=r"[\w+=,.@:/-]{2,1224}", wrong=f"An external ID has letters, digits and {_SIGNS} only.",
    ),
)  # fmt: skip
ON_CALL = (
    Service(
        key="pagerduty", title="PagerDuty", icon="notifications_active",
        about="One incident for a failed roll back or a stuck environment, resolved when it is over.",
        link="https://support.pagerduty.com/main/docs/services-and-integrations#create-a-generic-events-api-integration",
        address=_of_pagerduty,
        shown=lambda said: f"PagerDuty, key …{said['key'][-4:]}",
        asked=(
            Asked(
                name="key", label="Integration key", like="32 letters and digits",
                found="In PagerDuty: the service, Integrations, Add: Events API V2.",
                pattern=r"[a-z0-9]{32}", wrong="An integration key of Events API V2 has 32 letters and digits.",
            ),
            _EU,
        ),
    ),
    Service(
        key="opsgenie", title="Opsgenie", icon="e911_emergency",
        about="One alert for a failed roll back or a stuck environment, closed when it is over.",
        link="https://support.atlassian.com/opsgenie/docs/create-a-default-api-integration/",
        address=_of_opsgenie,
        shown=lambda said: f"Opsgenie, key …{said['key'][-4:]}",
        asked=(
            Asked(
                name="key", label="API key", like="xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
                found="In Opsgenie: the team's Integrations, Add integration: API.",
                pattern=r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
                wrong="An API key looks like xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, of 0-9 and a-f.",
            ),
            _EU,
        ),
    ),
    Service(
        key="sns", title="Amazon SNS", icon="cell_tower",
        about="A topic, and so whatever is subscribed to it.",
        link="https://docs.aws.amazon.com/sns/latest/dg/sns-create-topic.html",
        address=_of_sns,
        is_of_channels=True,
        shown=lambda said: "SNS {5} in {3}".format(*said["topic"].split(":")),
        asked=(
            Asked(
                name="topic", label="Topic ARN", like="arn:aws:sns:eu-central-1:123456789012:deploys",
                found="In AWS: SNS, Topics. Tealgate's role needs sns:Publish on it.",
                pattern=r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?",
                wrong=f"Write a topic's ARN, such as {_TOPIC}.",
            ),
            *_IN_ANOTHER_ACCOUNT,
        ),
    ),
    Service(
        key="eventbridge", title="Amazon EventBridge", icon="hub",
        about="A bus, for rules of your own: each message as an event.",
        link="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-event-bus.html",
        address=_of_eventbridge,
        is_of_channels=True,
        shown=lambda said: "EventBridge {5} in {3}".format(*said["bus"].split(":")),
        asked=(
            Asked(
                name="bus", label="Event bus ARN", like="arn:aws:events:eu-central-1:123456789012:event-bus/deploys",
                found="In AWS: EventBridge, Event buses. Tealgate's role needs events:PutEvents on it.",
                pattern=r"arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus/[\w./-]{1,256}",
                wrong="Write a bus's ARN, such as arn:aws:events:eu-central-1:123456789012:event-bus/deploys.",
            ),
            *_IN_ANOTHER_ACCOUNT,
        ),
    ),
)  # fmt: skip
