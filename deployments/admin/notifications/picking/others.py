"""E-mail, a phone's push messages, a program of one's own, and whatever else apprise knows."""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from deployments.admin.notifications.picking.service import Answers, Asked, Service

_NTFY = "https://ntfy.sh"
_OWN_NTFY = "https://ntfy.example.com"
_HOOK = "https://hooks.example.com/tealgate"
_AFTER_IT, _MATRIX = "://", "matrixs://"
_HOST = r"[a-z0-9.-]+(:[1-9]\d{0,4})?"


def _of_email(said: Answers) -> str:
    return f"email://{said['to'].replace('%', '%25')}"


def _of_ntfy(said: Answers) -> str:
    server = urlsplit(said["server"] or _NTFY)
    token = f"{said['token']}@" if said["token"] else ""
    return f"{'ntfys' if server.scheme == 'https' else 'ntfy'}://{token}{server.netloc}/{said['topic']}/"


def _of_webhook(said: Answers) -> str:
    """Of what follows ? apprise sends only what it is told to by a minus."""
    url = urlsplit(said["url"])
    asked = [(f"-{name}", value) for name, value in parse_qsl(url.query, keep_blank_values=True)]
    query = f"?{urlencode(asked, quote_via=quote)}" if asked else ""
    return f"{'jsons' if url.scheme == 'https' else 'json'}://{url.netloc}{url.path}{query}"


def _as_it_is(said: Answers) -> str:
    return said["url"]


def _place(said: Answers) -> str:
    """The host of an address as the service shows it; of apprise's the service only, since a token may follow."""
    scheme = said["url"].partition(":")[0]
    return urlsplit(said["url"]).netloc.rpartition("@")[2] if scheme == "https" else f"apprise {scheme}"


EMAIL = Service(
    key="email", title="E-mail", icon="mail", about="A mail to one address, as text and as HTML.",
    address=_of_email,
    shown=lambda said: said["to"],
    asked=(
        Asked(
            name="to", label="E-mail address", like="maya@example.com", found="A person's, or a list's of the team.",
            pattern=r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+",
            wrong="Write one address, such as maya@example.com.",
        ),
    ),
)  # fmt: skip

OTHERS = (
    Service(
        key="ntfy", title="ntfy", icon="phone_iphone",
        about="Push messages on a phone, by ntfy.sh or a server of yours.",
        link="https://docs.ntfy.sh/publish/",
        address=_of_ntfy,
        has_host=True,
        shown=lambda said: f"ntfy at {urlsplit(said['server'] or _NTFY).netloc}",
        asked=(
            Asked(
                name="topic", label="Topic", like="tealgate-k3v9",
                found="Any name; whoever knows it can read it, so choose one that nobody guesses.",
                pattern=r"[\w-]{1,64}", wrong="A topic has letters, digits, - and _ only, 64 at most.",
            ),
            Asked(
                name="server", label="Server", like="https://ntfy.sh", is_needed=False,
                found=f"Where ntfy runs at yours. Left empty: {_NTFY}.",
                pattern=rf"https?://{_HOST}/?", wrong=f"Write the server's address only, such as {_OWN_NTFY}.",
            ),
            Asked(
                name="token", label="Access token", like="tk_…", is_needed=False,
                found="For a topic that is protected: ntfy's account page, Access tokens.",
                pattern=r"tk_\w+", wrong="An access token begins with tk_.",
            ),
        ),
    ),
    Service(
        key="webhook", title="A program of yours", icon="webhook",
        about="A POST with JSON: title and message. For signed events in order, see Webhooks.",
        address=_of_webhook,
        has_host=True,
        shown=lambda said: urlsplit(said["url"]).netloc.rpartition("@")[2],
        asked=(
            Asked(
                name="url", label="URL", like=_HOOK, found="Where the program listens.",
                pattern=rf"https?://(\S+@)?{_HOST}(/[^\s#]*)?(\?[^\s#]*)?",
                wrong=f"Write a whole address, such as {_HOOK}.",
            ),
        ),
    ),
    Service(
        key="other", title="Another service", icon="more_horiz",
        about="Any of the more than one hundred that apprise knows, by its address.",
        link="https://github.com/caronc/apprise/wiki#notification-services",
        address=_as_it_is,
        has_host=True,
        shown=_place,
        asked=(
            Asked(
                name="url", label="Apprise address", like="matrixs://user:password@matrix.example.com/#room",
                found="apprise's list says for each service how its address is written.",
                pattern=r"[a-z][a-z0-9]*://\S+",
                wrong=f"It begins with the service's name and {_AFTER_IT}, such as {_MATRIX}.",
            ),
        ),
    ),
)  # fmt: skip
