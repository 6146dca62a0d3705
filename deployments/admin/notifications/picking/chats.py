"""Chats: their own addresses are pasted as they are, and bots have a token and a place."""

from urllib.parse import quote, urlsplit

from deployments.admin.notifications.picking.service import Answers, Asked, Service


def _copied(beginning: str) -> str:
    return f"Paste it whole, as it was copied; it begins with {beginning}."


def _of_slack_webhook(said: Answers) -> str:
    host, way, *rest = _steps(said["url"])
    if way == "services":
        return f"slack://{'/'.join(rest)}/" + ("?mode=gov-hook" if host.endswith("-gov.com") else "")
    return f"slack://{'/'.join(rest)}/?mode={'trigger' if way == 'triggers' else 'workflow'}"


def _of_slack_bot(said: Answers) -> str:
    return f"slack://{said['token']}/{quote(_place(said['place']), safe='+@')}/"


def _place(said: str) -> str:
    """As apprise tells them apart: a channel by its name has #, by its id +, a member @."""
    if said[0] in "#@+":
        return said
    is_id = said.isupper() and said.isalnum()
    return f"+{said}" if is_id and said[0] in "CDG" else f"@{said}" if is_id and said[0] in "UW" else f"#{said}"


def _of_teams(said: Answers) -> str:
    parts = urlsplit(said["url"])
    steps = [each for each in parts.path.split("/") if each]
    more = "&pa=yes" if steps[0] == "powerautomate" else ""
    if "cu" in steps:
        more += f"&route={steps[steps.index('cu') + 1]}"
    return f"workflows://{parts.netloc}/{steps[steps.index('workflows') + 1]}/?{parts.query}{more}"


def _of_teams_bot(said: Answers) -> str:
    return f"teamsbot://{said['code'].replace(' ', '-')}"


def _of_discord(said: Answers) -> str:
    *_, webhook, token = _steps(said["url"])
    return f"discord://{webhook}/{token}/"


def _of_telegram(said: Answers) -> str:
    return f"tgram://{said['token'].removeprefix('bot')}/{said['chat']}/"


def _steps(url: str) -> list[str]:
    """The host, then what stands between the slashes."""
    parts = urlsplit(url)
    return [parts.netloc, *(each for each in parts.path.split("/") if each)]


_SIGNED, _PERSON, _GROUP = "sig=", "987654321", "-1001234567890"
CHATS = (
    Service(
        key="slack", title="Slack, one channel", icon="tag", about="An incoming webhook: messages, without buttons.",
        link="https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/",
        address=_of_slack_webhook,
        shown=lambda said: f"Slack webhook of {_steps(said['url'])[2]}",
        asked=(
            Asked(
                name="url", label="Webhook URL", like="https://hooks.slack.com/services/T…/B…/…",
                found="In Slack: the app's page, Incoming Webhooks, Add New Webhook; then Copy.",
                pattern=r"https://hooks\.slack(-gov)?\.com/(services/\w+/\w+/\w+|(workflows|triggers)/\w[\w/-]+)/?",
                wrong=_copied("https://hooks.slack.com/services/"),
            ),
        ),
    ),
    Service(
        key="slack-bot", title="Slack, a bot", icon="smart_toy",
        about="A bot of yours: its message changes once the gate is decided, and can have buttons.",
        link="https://docs.slack.dev/authentication/tokens/#bot",
        address=_of_slack_bot,
        shown=lambda said: f"Slack {_place(said['place']).removeprefix('+')}",
        asked=(
            Asked(
                name="token", label="Bot token", like="xoxb-…",
                found="In Slack: the app's page, OAuth & Permissions, Bot User OAuth Token. It needs chat:write.",
                pattern=r"xox[bp]-[a-z0-9-]+", wrong="A bot's token begins with xoxb-.",
            ),
            Asked(
                name="place", label="Channel or member", like="#deploys",
                found="A channel's name, or the id at the end of its details, or of a profile; invite the bot there.",
                pattern=r"#?[\w.-]+|\+[CDG][A-Z0-9]{6,}|@[UW][A-Z0-9]{6,}",
                wrong="Write a channel such as #deploys, or an id such as C0123456789 or U0123456789.",
            ),
        ),
    ),
    Service(
        key="teams", title="Microsoft Teams", icon="groups", about="A workflow that posts a card to a channel or chat.",
        link="https://support.microsoft.com/office/create-incoming-webhooks-with-workflows-for-microsoft-teams-8ae491c7-0394-4861-ba59-055e33f75498",
        address=_of_teams,
        shown=lambda said: f"Teams workflow at {urlsplit(said['url']).hostname}",
        asked=(
            Asked(
                name="url", label="Workflow URL", like="https://….api.powerplatform.com/powerautomate/…&sig=…",
                found="In Teams: the channel's …, Workflows, “Send webhook alerts to a channel”; it shows the URL.",
                pattern=r"https://[a-z0-9_.-]+\.(logic\.azure\.[a-z]{2,12}|(power|apps)platform(\.[a-z0-9-]{2,24}){1,3})"
                r"(:[1-9]\d{0,4})?(/powerautomate/automations/direct(/cu/\d+)?)?/workflows/[\w-]+"
                r"/triggers/manual/paths/invoke/?\?(\S+&)?sig=\S+",
                wrong=f"Paste all of the workflow's URL: it has /workflows/ in its middle and {_SIGNED} near its end.",
            ),
        ),
    ),
    Service(
        key="teams-bot", title="Microsoft Teams, a bot", icon="smart_toy",
        about="A bot of your organization's: its message changes once the gate is decided, and can have buttons.",
        link="https://learn.microsoft.com/microsoftteams/platform/bots/overview",
        address=_of_teams_bot,
        shown=lambda said: "A conversation in Teams",
        asked=(
            Asked(
                name="code", label="Code", like="K7QMW-2RXD9",
                found="In Teams: add the bot to the channel or chat, or write “here” to it; it shows a code.",
                pattern=r"[A-Z0-9]{5}[ -]?[A-Z0-9]{5}", wrong="A code has ten letters and digits, such as K7QMW-2RXD9.",
            ),
        ),
    ),
    Service(
        key="discord", title="Discord", icon="forum", about="A webhook of one channel.",
        link="https://support.discord.com/hc/articles/228383668-Intro-to-Webhooks",
        address=_of_discord,
        shown=lambda said: f"Discord webhook {_steps(said['url'])[-2]}",
        asked=(
            Asked(
                name="url", label="Webhook URL", like="https://discord.com/api/webhooks/…/…",
                found="In Discord: the channel's settings, Integrations, Webhooks, Copy Webhook URL.",
                pattern=r"https://discord(app)?\.com/api/webhooks/\d+/[\w-]+/?",
                wrong=_copied("https://discord.com/api/webhooks/"),
            ),
        ),
    ),
    Service(
        key="telegram", title="Telegram", icon="near_me", about="A bot that writes to you or to a group.",
        link="https://core.telegram.org/bots/features#botfather",
        address=_of_telegram,
        shown=lambda said: f"Telegram chat {said['chat']}",
        asked=(
            Asked(
                name="token", label="Bot token", like="123456789:AA…",
                found="@BotFather says it when the bot is made, and again after /token.",
                pattern=r"(bot)?\d+:[\w-]+", wrong="A bot's token is a number, a colon and letters: 123456789:AA….",
            ),
            Asked(
                name="chat", label="Chat", like="987654321",
                found="Write to the bot first; @userinfobot says your id, and a group's begins with a minus.",
                pattern=r"-?\d{1,32}", wrong=f"A chat's id is a number, such as {_PERSON} or {_GROUP}.",
            ),
        ),
    ),
)  # fmt: skip
