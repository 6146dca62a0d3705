"""Lists in pages, as ECS cuts them: 100 at most, then a nextToken."""

from sandbox.ecs.errors import InvalidParameter
from sandbox.ecs.model import Json


def page(items: list[str], request: Json, key: str, size: int = 100) -> Json:
    size = min(int(request.get("maxResults") or size), 100)
    token = request.get("nextToken") or "0"
    if not token.isdecimal():
        raise InvalidParameter("Invalid token.")
    start = int(token)
    response: Json = {key: items[start : start + size]}
    if start + size < len(items):
        response["nextToken"] = str(start + size)
    return response
