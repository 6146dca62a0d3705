"""The machine images that AWS offers, as moto has them, each made when somebody asks for it.

There are a thousand in a region, each with a snapshot: making all of them took a quarter of a sandbox's start. What an
image is called by comes from its own identifier, so that it does not matter to anything else when it was made.
"""

import functools
import random
import threading
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any

from moto.core.utils import utcnow
from moto.ec2 import utils
from moto.ec2.models import amis
from moto.ec2.models.amis import Ami, AmiBackend
from moto.utilities.utils import load_resource

from sandbox.patching import Patches

#: What identifiers are drawn from while an image is made.
_of_its_own: ContextVar[random.Random | None] = ContextVar("_of_its_own", default=None)


def install(patches: Patches) -> None:
    patches.replace(utils, "random_resource_id", lambda _: _random_resource_id)
    patches.replace(AmiBackend, "_load_amis", lambda _: _offer)
    patches.replace(AmiBackend, "describe_images", _made_when_asked_for)


class Offered(dict[str, Any]):
    """Image by identifier. Whoever looks for one finds it made."""

    def __init__(self, backend: Any) -> None:
        super().__init__()
        self._backend = backend
        self._since = utcnow()
        self._unmade = dict(_definitions(backend.region_name))
        self._making = threading.RLock()

    def make(self, identifiers: Iterable[str] | None) -> None:
        """Those of them that AWS offers; all with None."""
        with self._making:
            for identifier in list(self._unmade) if identifiers is None else identifiers:
                definition = self._unmade.pop(identifier, None)
                if definition is not None:
                    self[identifier] = self._made(definition)

    def __contains__(self, identifier: object) -> bool:
        self.make([str(identifier)])
        return super().__contains__(identifier)

    def __missing__(self, identifier: str) -> Any:
        if identifier in self:
            return self[identifier]
        raise KeyError(identifier)

    def _made(self, definition: Mapping[str, Any]) -> Any:
        token = _of_its_own.set(random.Random(definition["ami_id"]))
        try:
            return Ami(self._backend, **{**definition, "owner_alias": "amazon", "creation_date": self._since})
        finally:
            _of_its_own.reset(token)


def _offer(backend: Any) -> None:
    backend.amis = Offered(backend)


@functools.cache
def _definitions(region: str) -> Mapping[str, Mapping[str, Any]]:
    """What moto reads for each backend anew."""
    found = list(amis.AMIS)
    for folder in ("latest_amis", "ecs/optimized_amis"):
        try:
            found += load_resource(f"ec2/resources/{folder}/{region}.json")
        except FileNotFoundError:
            continue  # a region that is too new for moto
    return {each["ami_id"]: each for each in found}


def _made_when_asked_for(original: Callable[..., Any]) -> Callable[..., Any]:
    def describe_images(
        backend: Any, ami_ids: list[str] | None = None, filters: dict[str, Any] | None = None, **named: Any
    ) -> Any:
        backend.amis.make(ami_ids or _named(filters))
        return original(backend, ami_ids, filters, **named)

    return describe_images


def _named(filters: Mapping[str, Any] | None) -> list[str] | None:
    """The identifiers that a filter asks for; None when that may be any."""
    asked = (filters or {}).get("image-id")
    identifiers = [asked] if isinstance(asked, str) else asked  # one word: an instance that looks for its image
    return None if any("*" in each or "?" in each for each in identifiers or ()) else identifiers


def _random_resource_id(size: int = 8) -> str:
    """At once instead of digit by digit."""
    return f"{(_of_its_own.get() or utils.random).getrandbits(4 * size):0{size}x}"
