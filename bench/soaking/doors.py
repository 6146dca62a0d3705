"""Where an environment's production answers its visitors, and which release does."""

import urllib.request
from dataclasses import dataclass
from typing import Self

from bench.shop import Shop
from bench.soaking import landing
from deployments.catalog.models import Environment

#: The listener of each environment's production in the demo's account.
PORTS = {
    "storefront/production": 8080,
    "storefront/staging": 8082,
    "legacy-api/production": 8084,
    "payments/production": 8085,
    "catalog/production": 8087,
}


@dataclass(frozen=True)
class Door:
    url: str
    #: the name that it is asked for by, "" for the address's own
    host: str

    @classmethod
    def of(cls, shop: Shop, environment: Environment) -> Self:
        port = PORTS.get(str(environment))
        return cls(shop.stack.listener(port), "") if port else cls(*landing.door(shop))

    def version(self) -> str:
        """Of one answer, or why there was none."""
        try:
            asked = urllib.request.Request(self.url, headers={"Host": self.host} if self.host else {})
            with urllib.request.urlopen(asked, timeout=10) as answer:  # a listener on loopback
                return str(answer.headers.get("X-Version"))
        except OSError as error:
            return f"nothing ({error})"
