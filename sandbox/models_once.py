"""What AWS's services look like, read once a process.

Each session of botocore's, and moto for each service, makes a loader of its own that parses the same megabytes of JSON
again: two thirds of the time that a sandbox took to start. moto's EC2 reads which types of instances there are in every
region of the world; here each region's are read when they are asked for. Has to be imported before moto's services are.
"""

import functools
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import botocore.session
from botocore.loaders import JSONFileLoader
from moto.core import responses, utils
from moto.utilities import utils as resources

botocore.session.create_loader = functools.cache(botocore.session.create_loader)
utils.create_loader = functools.cache(utils.create_loader)


@functools.cache
def _load_file(path: str, open_: Callable[..., Any]) -> Any:
    """botocore asks for OrderedDict, which takes twice the time and no longer orders anything better than a dict."""
    if not Path(path).is_file():
        return None
    with open_(path, "rb") as file:
        return json.loads(file.read())


# Whoever made a loader before this was imported still has it: they read the same files.
JSONFileLoader._load_file = lambda loader, path, open_: _load_file(path, open_)
# For every call moto looks up which methods its class has.
responses.method_names_from_class = functools.cache(responses.method_names_from_class)

_OFFERINGS = "ec2/resources/instance_type_offerings/"
_load_resource = resources.load_resource
resources.load_resource = lambda name: [] if name.startswith(_OFFERINGS) else _load_resource(name)


class Offerings(dict[str, Any]):
    """Which types of instances there are, by region. `sandbox.ec2` puts it where moto's was left empty."""

    def __init__(self, location_type: str, regions: Iterable[str]) -> None:
        super().__init__(dict.fromkeys(regions))
        self._location_type = location_type

    def __getitem__(self, region: str) -> Any:
        if super().__getitem__(region) is None:
            offered = _load_resource(f"{_OFFERINGS}{self._location_type}/{region}.json")
            self[region] = [each | {"LocationType": self._location_type} for each in offered]
        return super().__getitem__(region)

    def get(self, region: str, default: Any = None) -> Any:
        return self[region] if region in self else default  # noqa: SIM401 - dict's own would not read it
