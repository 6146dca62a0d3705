"""Metric math: ``e5 / r * 100``, ``FILL(m1, 0)``, ``IF(r > 10, e5 / r, 0)``, ``SUM(METRICS())``.

The expression is read with Python's own grammar and walked here; nothing is ever run as Python. Values are
time series, numbers, or lists of series. Between two series only the periods that both have count, and what
cannot be computed (a division by zero) leaves no point: as CloudWatch has it.
"""

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.cloudwatch.series import Points

Value = Points | float | list[Points] | str


class BadExpression(ValueError):
    """Says what cannot be understood."""


@dataclass(frozen=True)
class Scope:
    """What an expression can refer to."""

    lookup: Callable[[str], Points]
    metrics: Callable[[], list[Points]]
    slots: Sequence[int]
    period: float


def evaluate(expression: str, scope: Scope) -> Points:
    value = _walk(_parse(expression), scope)
    if isinstance(value, float):
        return dict.fromkeys(scope.slots, value)
    if isinstance(value, dict):
        return value
    raise BadExpression("the expression must result in one time series")


def _parse(expression: str) -> ast.expr:
    text = expression.replace("&&", " and ").replace("||", " or ").replace("^", "**")
    text = re.sub(r"\b(AND|OR)\b", lambda word: word.group().lower(), text)
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise BadExpression("it cannot be parsed") from error


def _walk(node: ast.expr, scope: Scope) -> Value:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else float(node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        return node.id if node.id in ("REPEAT", "LINEAR") else scope.lookup(node.id)
    if isinstance(node, ast.List):
        return [_series(_walk(element, scope)) for element in node.elts]
    if isinstance(node, ast.Call):
        return _call(node, scope)
    return _operation(node, scope)


def _operation(node: ast.expr, scope: Scope) -> Value:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _apply(operator.mul, _walk(node.operand, scope), -1.0)
    if isinstance(node, ast.BinOp):
        return _apply(_operator(node.op), _walk(node.left, scope), _walk(node.right, scope))
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _apply(_operator(node.ops[0]), _walk(node.left, scope), _walk(node.comparators[0], scope))
    if isinstance(node, ast.BoolOp):
        value = _walk(node.values[0], scope)
        for other in node.values[1:]:
            value = _apply(_operator(node.op), value, _walk(other, scope))
        return value
    raise BadExpression(f"{type(node).__name__} is not known")


def _operator(kind: ast.AST) -> Callable[[float, float], float]:
    known = _OPERATORS.get(type(kind))
    if known is None:
        raise BadExpression(f"{type(kind).__name__} is not known")
    return known


def _apply(function: Callable[[float, float], float], left: Value, right: Value) -> Value:
    if isinstance(left, str) or isinstance(right, str):
        raise BadExpression("text cannot be calculated with")
    if isinstance(left, list):
        return [_series(_apply(function, one, right)) for one in left]
    if isinstance(right, list):
        return [_series(_apply(function, left, one)) for one in right]
    if isinstance(left, float) and isinstance(right, float):
        result = _safely(function, left, right)
        return {} if result is None else result
    slots = set(left if isinstance(left, dict) else _series(right))
    if isinstance(left, dict) and isinstance(right, dict):
        slots &= set(right)
    results = {slot: _safely(function, _at(left, slot), _at(right, slot)) for slot in sorted(slots)}
    return {slot: result for slot, result in results.items() if result is not None}


def _safely(function: Callable[[float, float], float], left: float, right: float) -> float | None:
    try:
        return float(function(left, right))
    except (ZeroDivisionError, OverflowError, TypeError):
        return None


def _at(value: Points | float, slot: int) -> float:
    return value[slot] if isinstance(value, dict) else value


def _series(value: Value) -> Points:
    if not isinstance(value, dict):
        raise BadExpression("a time series is needed here")
    return value


def _call(node: ast.Call, scope: Scope) -> Value:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    arguments = [_walk(argument, scope) for argument in node.args]
    if name in _REDUCERS and len(arguments) == 1:
        return _reduce(_REDUCERS[name], arguments[0])
    if name in _PER_POINT and len(arguments) == 1:
        points = _series(arguments[0])
        return {slot: float(_PER_POINT[name](value)) for slot, value in points.items()}
    if name == "FILL" and len(arguments) == 2:
        return _fill(arguments[0], arguments[1], scope)
    if name == "IF" and len(arguments) in (2, 3):
        return _if(arguments)
    if name == "METRICS" and not arguments:
        return scope.metrics()
    if name == "PERIOD" and len(arguments) == 1:
        return scope.period
    if name == "TIME_SERIES" and len(arguments) == 1 and isinstance(arguments[0], float):
        return dict.fromkeys(scope.slots, arguments[0])
    raise BadExpression(f"the function {name or '?'} is not known with {len(arguments)} arguments")


def _reduce(function: Callable[[Sequence[float]], float], value: Value) -> Value:
    """One series becomes a number; several become one series, over the periods that any of them has."""
    if isinstance(value, dict):
        return float(function(list(value.values()))) if value else {}
    if not isinstance(value, list):
        raise BadExpression("a time series is needed here")
    slots = sorted(set().union(*value))
    return {slot: float(function([points[slot] for points in value if slot in points])) for slot in slots}


def _fill(value: Value, filler: Value, scope: Scope) -> Value:
    if isinstance(value, list):
        return [_series(_fill(points, filler, scope)) for points in value]
    points, filled = _series(value), {}
    last: float | None = None
    for slot in scope.slots:
        if slot in points:
            last = filled[slot] = points[slot]
        elif filler == "REPEAT":
            if last is not None:
                filled[slot] = last
        elif isinstance(filler, float):
            filled[slot] = filler
        elif isinstance(filler, dict) and slot in filler:
            filled[slot] = filler[slot]
    return filled


def _if(arguments: Sequence[Value]) -> Value:
    condition, *branches = arguments
    chosen = [*branches, {}][:2]
    if isinstance(condition, float):
        return chosen[0] if condition else chosen[1]
    result: Points = {}
    for slot, holds in _series(condition).items():
        branch = chosen[0] if holds else chosen[1]
        if isinstance(branch, float):
            result[slot] = branch
        elif slot in _series(branch):
            result[slot] = _series(branch)[slot]
    return result


_OPERATORS: Mapping[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.And: lambda left, right: bool(left) and bool(right),
    ast.Or: lambda left, right: bool(left) or bool(right),
}
_REDUCERS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}
_PER_POINT: Mapping[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor}
