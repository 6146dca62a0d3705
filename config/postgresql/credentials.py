"""Where a database's user and password are kept, and can be read again after somebody has changed them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from environ import Env

#: A secret of Secrets Manager is asked for by this.
ARN = "arn:"


class Unreadable(Exception):
    """What is there cannot be read, in a sentence without anything of it."""


@dataclass(frozen=True)
class Login:
    user: str
    password: str


@dataclass(frozen=True)
class Credentials:
    #: for people: a path or an ARN
    place: str
    _read: Callable[[], str]
    _parse: Callable[[str], Login]

    def read(self) -> Login:
        """What is there now. Raises Unreadable."""
        try:
            return self._parse(self._read())
        except OSError as error:
            raise Unreadable(f"{self.place} cannot be read: {error.strerror}.") from None
        except (ValueError, LookupError, TypeError) as error:
            # What a parser says may quote the secret.
            raise Unreadable(f"{self.place} holds no user and password ({type(error).__name__}).") from None


def in_secret(secret: str, file: str = "") -> Credentials:
    """RDS's JSON, `{"username": …, "password": …}`: in a file, in Secrets Manager by its ARN, or as it stands."""
    if file:
        return Credentials(file, Path(file).read_text, login)
    if secret.startswith(ARN):
        return Credentials(secret, lambda: _of_secrets_manager(secret), login)
    return Credentials("DATABASE_SECRET", lambda: secret, login)


def in_address_file(file: str) -> Credentials:
    """The address of a database, in the file that DATABASE_URL_FILE names."""
    return Credentials(file, Path(file).read_text, _of_address)


def login(document: str) -> Login:
    """Raises ValueError, LookupError or TypeError for what is no such document."""
    said = json.loads(document)
    user, password = said["username"], said["password"]
    if not (isinstance(user, str) and isinstance(password, str) and user and password):
        raise ValueError("user and password are text")
    return Login(user, password)


def _of_address(address: str) -> Login:
    found = Env.db_url_config(address.strip())
    return Login(found["USER"], found["PASSWORD"])


def _of_secrets_manager(arn: str) -> str:
    # boto3 takes half a second to import, and most never ask.
    from deployments.aws.errors import AwsError
    from deployments.aws.secrets import secret_string

    try:
        return secret_string(arn)
    except AwsError as error:
        raise Unreadable(error.sentence) from None
