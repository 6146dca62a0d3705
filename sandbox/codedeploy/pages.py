"""Lists in pages of 100, then a nextToken."""

from typing import Any

from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Json

SIZE = 100


def page(items: list[Any], request: Json, key: str) -> Json:
    token = request.get("nextToken") or "0"
    if not str(token).isdecimal():
        refuse("InvalidNextToken", "The next token is not valid")
    start = int(token)
    response: Json = {key: items[start : start + SIZE]}
    if start + SIZE < len(items):
        response["nextToken"] = str(start + SIZE)
    return response
