"""Secrets that are others' to give, by name, and the keys that seal those which Tealgate keeps in its database."""

from urllib.parse import urlsplit

from config.settings.reading import Reader

_SHORTEST_SEALING_KEY = 32


def registry_secrets(read: Reader) -> dict[str, str]:
    def credential(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" or not (parts.hostname and parts.username and parts.password):
            raise ValueError("is no https address with a user and a password")
        read.secrets.add(parts.password)
        return value

    #: User and password of a private registry other than Amazon ECR; NAME is what the application's page says.
    return read.named(
        "REGISTRY_SECRET",
        credential,
        fix="Set it to https://user:password@host; percent-encode special characters.",
        example="https://robot:access-token@ghcr.io",
    )


def webhook_secrets(read: Reader) -> dict[str, str]:
    def signing(value: str) -> str:
        if len(value) < 16:
            raise ValueError(f"is too short ({len(value)} characters) to sign anything with")
        return value

    #: Signs an environment's webhooks, at least 16 characters; NAME is what the environment's settings say.
    return read.named(
        "WEBHOOK_SECRET",
        signing,
        fix="Set it to at least 16 random characters.",
        example="the output of: openssl rand -hex 32",
    )


def sealing_keys(read: Reader) -> list[str]:
    """Newest first."""
    #: Seal the secrets that Tealgate keeps in its database, each of 32 characters or more; the same for web and worker.
    #: Several, separated by commas, while a new one is brought in: the first seals, all open. `SECRET_KEY` opens as
    #: well, and seals where there is none.
    said = read.secret("SEALING_KEYS", "", example="the output of: openssl rand -base64 48")
    keys = [key.strip() for key in said.split(",") if key.strip()]
    read.secrets.update(keys)
    for key in keys:
        if len(key) < _SHORTEST_SEALING_KEY:
            read.complain(
                "SEALING_KEYS",
                f"has a key of {len(key)} characters",
                f"Give each at least {_SHORTEST_SEALING_KEY} random characters, and separate them by commas.",
                "the output of: openssl rand -base64 48",
            )
    return keys
