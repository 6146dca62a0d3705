"""By what an address begins: the services there are, without asking apprise, which only whoever sends has loaded."""

from difflib import get_close_matches
from typing import Final

#: Tealgate's own ways out, besides those that apprise has as well.
OWN: Final = frozenset({"email", "eventbridge", "teamsbot"})
#: They are told by Tealgate's own credentials, or by those of a role, which are not each person's to use.
OF_CHANNELS: Final = frozenset({"eventbridge", "sns"})
#: They show something on the machine that Tealgate runs on, or write to its log.
ON_THE_MACHINE: Final = frozenset(
    {"blink1", "dbus", "gio", "glib", "gnome", "growl", "kde", "macosx", "qt", "syslog", "windows"}
)
#: Of apprise 2.3.0; others need a library that is not there.
OF_APPRISE: Final = frozenset(
    """
    46elks acs amqp amqps apprise apprises aprs atalk awswhatsapp azure bale bark barks betterstack bluesky brevo
    bsky bulksms bulkvs burstsms chanify clickatell clicksend cliq cm d7sms dapnet deltachat deltachats
    dingtalk discord dot eight00com elks emby embys enigma2 enigma2s evolution evolutions exotel fcm feishu
    firehydrant flock flowtriq flowtriqs fluxer fluxers form forms freemobile gchat github goalert goalerts
    gorush gorushs gotify gotifys groundmail groupme guilded gupshup hassio hassios httpsms humhub humhubs
    ifttt ilert incidentio infobip instagram irc ircs jellyfin jellyfins jira join json jsons kakao
    kakaotalk kaleyra kavenegar klr kodi kodis kook kudosity kumulos lametric lametrics lark lauther lfg
    line mailersend mailgun mailto mailtos mastodon mastodons matrix matrixs misskey misskeys mmost mmosts
    mobilemessage mobilemsg msg91 msgbird ncloud nclouds nctalk nctalks nexmo nostr notica noticas notifiarr
    notifico notificos notifyapp notifyre ntfy ntfys o365 octopush onebot onebots onesignal opsgenie
    opsimate opsimates pagerduty pagertree parsep parseps pbul pinglet pinglets pingram pjet pjets plivo
    postmark pover prowl psafer psafers push pushdeer pushdeers pushed pushme pushplus pushward pushy qq
    reddit resend revolt ringc rocket rockets rsyslog ryver schan sendgrid sendpulse serwersms ses session
    sessions seven sfr signal signalgrid signals signl4 simplepush sinch slack smsc smseagle smseagles
    smsmanager smsmgr smstunnel smtp2go sns sogs sparkpost spike splunk spugpush spush squadcast stackfield
    strmlabs synology synologys telesign telnyx tgram threema toot toots trigv trigvs tweet twilio twist
    twitter vapid viber victorops voipms vonage webex wechat wecom wecombot whapi whatsapp workflow
    workflows wpush wxpusher wxteams x xbmc xbmcs xmatters xml xmls youlmk zalo zcliq zohocliq zoom zulip
    """.split()  # noqa: SIM905 - two hundred strings
)  # fmt: skip
#: Sent by Tealgate, as apprise reads them.
MAIL: Final = frozenset({"mailto", "mailtos"})
#: What goes over the network as others can read it, with the name of the same encrypted.
PLAIN: Final = {"form": "forms", "json": "jsons", "ntfy": "ntfys", "xml": "xmls"}


def refusal(schema: str) -> str:
    """Why no message goes there; "" when one does."""
    if schema in OWN | OF_APPRISE:
        return ""
    if schema in ON_THE_MACHINE:
        return f"{schema}:// shows messages on the machine that Tealgate runs on, where nobody reads them."
    like = get_close_matches(schema, OWN | OF_APPRISE, n=1)
    proposal = f" Did you mean {like[0]}://?" if like else " apprise's list has their names."
    return f"There is no service {schema}://.{proposal}"
