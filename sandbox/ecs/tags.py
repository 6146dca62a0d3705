"""Tags of anything that has an ARN."""

import re
from collections import Counter

from sandbox.ecs.errors import InvalidParameter
from sandbox.ecs.model import Json
from sandbox.ecs.store import Store

MOST = 50
LONGEST_KEY, LONGEST_VALUE = 128, 256
ALLOWED = re.compile(r"[\w\s.:/=+\-@]*")


def tag_resource(store: Store, request: Json) -> Json:
    held = _tags(store, request)
    given = {tag["key"]: tag for tag in checked(request)}
    kept = [tag for tag in held if tag["key"] not in given]
    store.tags[request["resourceArn"]] = _few([*kept, *given.values()])
    return {}


def untag_resource(store: Store, request: Json) -> Json:
    held = _tags(store, request)
    store.tags[request["resourceArn"]] = [tag for tag in held if tag["key"] not in request.get("tagKeys", [])]
    return {}


def list_tags_for_resource(store: Store, request: Json) -> Json:
    return {"tags": _tags(store, request)}


def checked(request: Json) -> list[Json]:
    """The tags of a request. Raises InvalidParameter for what AWS refuses."""
    given: list[Json] = request.get("tags") or []
    for tag in given:
        key, value = str(tag.get("key") or ""), str(tag.get("value") or "")
        if not 1 <= len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            raise InvalidParameter(
                f"A tag key has 1 to {LONGEST_KEY} characters and its value at most {LONGEST_VALUE}: {key}"
            )
        if key.lower().startswith("aws:"):
            raise InvalidParameter(f"Tag keys that begin with aws: are reserved for AWS: {key}")
        if not ALLOWED.fullmatch(key) or not ALLOWED.fullmatch(value):
            raise InvalidParameter(f"The tag {key} has characters other than letters, digits, spaces and _.:/=+-@.")
    twice = [key for key, times in Counter(tag["key"] for tag in given).items() if times > 1]
    if twice:
        raise InvalidParameter(f"Duplicate tag keys found: {', '.join(twice)}")
    return _few(given)


def _few(tags: list[Json]) -> list[Json]:
    if len(tags) > MOST:
        raise InvalidParameter(f"A resource can have at most {MOST} tags, and {len(tags)} were given.")
    return tags


def _tags(store: Store, request: Json) -> list[Json]:
    try:
        return store.tags[request["resourceArn"]]
    except KeyError:
        raise InvalidParameter("The specified resource was not found.") from None
