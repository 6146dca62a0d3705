"""On call: one incident for one trouble, closed once it is over."""

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
    return f"sns://{said['topic']}" + (f"?role={said['role']}" if said["role"] else "")


ON_CALL = (
    Service(
        key="pagerduty", title="PagerDuty", icon="notifications_active",
        about="One incident for a failed roll back or a stuck environment, resolved when it is over.",
        link="https://support.pagerduty.com/main/docs/services-and-integrations#create-a-generic-events-api-integration",
        address=_of_pagerduty,
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
        asked=(
            Asked(
                name="topic", label="Topic ARN", like="arn:aws:sns:eu-central-1:123456789012:deploys",
                found="In AWS: SNS, Topics. Tealgate's role needs sns:Publish on it.",
                pattern=r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?",
                wrong="Write a topic's ARN, such as arn:aws:sns:eu-central-1:123456789012:deploys.",
            ),
            Asked(
                name="role", label="Role ARN", like="arn:aws:iam::123456789012:role/tealgate", is_needed=False,
                found="For a topic of another account. Left empty: the role that Tealgate runs as.",
                pattern=r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+",
                wrong="Write a role's ARN, such as arn:aws:iam::123456789012:role/tealgate.",
            ),
        ),
    ),
)  # fmt: skip
