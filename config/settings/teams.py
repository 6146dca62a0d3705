"""Which of Microsoft's hosts a bot in Teams is believed from, and speaks to."""

from urllib.parse import urlsplit

from config.settings.reading import Reader

_FIX = "Set it to an https:// address; http:// is for this machine alone, to try things out."
_HERE = ("localhost", "127.0.0.1", "::1")


def teams(read: Reader) -> tuple[str, str, str, list[str]]:
    """The issuer, where its keys are, where a bot gets its token, and which hosts are given that."""
    #: Whose tokens a bot in Teams is believed by; with /.default behind it, what it asks its own for.
    issuer = read.address("TEAMS_ISSUER", "https://api.botframework.com")
    #: Where that issuer says its keys.
    keys_url = read.address("TEAMS_KEYS_URL", "https://login.botframework.com/v1/.well-known/openidconfiguration")
    #: Where a bot in Teams gets its own token.
    login_url = read.address("TEAMS_LOGIN_URL", "https://login.microsoftonline.com")
    #: Which hosts a bot in Teams speaks to, and gives its token. These are the public cloud's; others are in
    #: [Answering from a chat](chat.md#other-clouds).
    hosts = read.words(
        "TEAMS_HOSTS", ["smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"],
        example="smba.infra.gov.teams.microsoft.us",
    )  # fmt: skip
    said = (("TEAMS_ISSUER", issuer), ("TEAMS_KEYS_URL", keys_url), ("TEAMS_LOGIN_URL", login_url))
    for name, value in (*said, *(("TEAMS_HOSTS", host) for host in hosts if "://" in host)):
        parts = urlsplit(value)
        if parts.scheme != "https" and parts.hostname not in _HERE:
            wrong = "is not encrypted, so whoever is in between could speak as Microsoft"
            read.complain(name, wrong, _FIX, f"https://{parts.netloc}")
    return issuer, keys_url, login_url, hosts
