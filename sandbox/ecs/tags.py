"""Tags of anything that has an ARN."""

from sandbox.ecs.errors import InvalidParameter
from sandbox.ecs.model import Json
from sandbox.ecs.store import Store


def tag_resource(store: Store, request: Json) -> Json:
    held = _tags(store, request)
    given = {tag["key"]: tag for tag in request.get("tags", [])}
    store.tags[request["resourceArn"]] = [tag for tag in held if tag["key"] not in given] + list(given.values())
    return {}


def untag_resource(store: Store, request: Json) -> Json:
    held = _tags(store, request)
    store.tags[request["resourceArn"]] = [tag for tag in held if tag["key"] not in request.get("tagKeys", [])]
    return {}


def list_tags_for_resource(store: Store, request: Json) -> Json:
    return {"tags": _tags(store, request)}


def _tags(store: Store, request: Json) -> list[Json]:
    try:
        return store.tags[request["resourceArn"]]
    except KeyError:
        raise InvalidParameter("The specified resource was not found.") from None
