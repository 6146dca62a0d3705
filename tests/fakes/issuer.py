"""An issuer of ID tokens on loopback: discovery document and keys over HTTP, signatures by real keys."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.outbound.web_server import Web, serving

AUDIENCE = "https://tealgate.example.com"
DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"
_JSON = {"Content-Type": "application/json"}

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def rsa_key(number: int = 0) -> rsa.RSAPrivateKey:
    """The same for each number: one takes a while to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def jwk(key: PrivateKey, kid: str) -> dict[str, Any]:
    rsa_made = isinstance(key, rsa.RSAPrivateKey)
    made = (jwt.algorithms.RSAAlgorithm if rsa_made else jwt.algorithms.ECAlgorithm).to_jwk(key.public_key(), True)  # type: ignore[call-overload]
    return {**made, "kid": kid, "use": "sig", "alg": "RS256" if rsa_made else "ES256"}


@dataclass
class Issuer:
    web: Web
    #: by kid; what is published
    keys: dict[str, PrivateKey] = field(default_factory=lambda: {"one": rsa_key()})
    #: what comes after its address in its name
    path: str = ""

    @property
    def name(self) -> str:
        return f"{self.web.url}{self.path}"

    @property
    def asked(self) -> int:
        """How often its keys were read."""
        return sum(path == KEYS for path, _, _ in self.web.seen)

    def publish(self, **document: Any) -> None:
        """What it says of itself now, and its keys."""
        said = {"issuer": self.name, "jwks_uri": f"{self.web.url}{KEYS}", **document}
        self.answers(DISCOVERY, said)
        self.answers(KEYS, {"keys": [jwk(key, kid) for kid, key in self.keys.items()]})

    def answers(self, path: str, document: Any, status: int = 200) -> None:
        self.web.answers[path] = (status, _JSON, json.dumps(document).encode())

    def hangs(self, path: str) -> None:
        del self.web.answers[path]

    def claims(self, now: datetime, **changes: Any) -> dict[str, Any]:
        """As GitHub's; a change to None leaves one out."""
        made = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": "repo:shop@11/storefront@4711:environment:production",
            "jti": f"jti-{next(_NUMBERS)}",
            "repository": "shop/storefront",
            "repository_id": "4711",
            "ref": "refs/heads/main",
            "environment": "production",
            "event_name": "push",
            "run_id": "987654",
            "run_number": "123",
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()) - 5,
            "exp": int((now + timedelta(minutes=5)).timestamp()),
        }
        return {name: value for name, value in (made | changes).items() if value is not None}

    def token(self, now: datetime, *, kid: str = "one", **changes: Any) -> str:
        key = self.keys[kid]
        return signed(self.claims(now, **changes), key, kid)


def signed(claims: Mapping[str, Any], key: PrivateKey, kid: str) -> str:
    algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    return jwt.encode(dict(claims), key, algorithm, headers={"kid": kid})


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield (number := number + 1)


_NUMBERS = _numbers()


@contextmanager
def issuing(path: str = "") -> Iterator[Issuer]:
    with serving(Web()) as web:
        issuer = Issuer(web, path=path)
        issuer.publish()
        yield issuer
