"""What stands behind the question mark: refused when it is unknown, so that a typing error does not read everything."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja.errors import ValidationError
from ninja.operation import Operation

from deployments.words import joined

View = Callable[..., Any]


def known_only(view: View) -> View:
    """Decorates each call; ends with 422 and every parameter that it does not take."""
    known = _known(view._ninja_operation)  # type: ignore[attr-defined]

    @wraps(view)
    def asked(request: HttpRequest, **given: Any) -> Any:
        if unknown := [name for name in request.GET if name not in known]:
            raise ValidationError([{"loc": ("query", name), "msg": _sentence(known)} for name in unknown])
        return view(request, **given)

    return asked


def _known(operation: Operation) -> tuple[str, ...]:
    models: list[Any] = [model for model in operation.models if model.__ninja_param_source__ == "query"]
    return tuple(name for model in models for name in model.__ninja_flatten_map__)


def _sentence(known: tuple[str, ...]) -> str:
    return f"This call does not take it. It takes {joined(list(known))}." if known else "This call takes no parameters."
