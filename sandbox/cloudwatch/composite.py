"""Composite alarms: ``ALARM("web-5xx") OR (ALARM("web-slow") AND NOT OK("web-busy"))``."""

import ast
import re
from collections.abc import Callable

_TERM = re.compile(r"""\b(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s]*))\s*\)""")


class BadAlarmRule(ValueError):
    """The rule is not a combination of alarm states."""


def rule_holds(rule: str, state_of: Callable[[str], str | None]) -> bool:
    """Whether the rule is true; ``state_of`` gives an alarm's state by name, None when there is none."""

    def term(match: re.Match[str]) -> str:
        wanted, *names = match.groups()
        name = next((name for name in names if name is not None), "")
        return str(state_of(name.rpartition(":alarm:")[2]) == wanted)

    text = _TERM.sub(term, rule)
    text = re.sub(r"\b(AND|OR|NOT)\b", lambda word: word.group().lower(), text)
    text = re.sub(r"\b(TRUE|FALSE)\b", lambda word: word.group().capitalize(), text)
    try:
        return _holds(ast.parse(" ".join(text.split()), mode="eval").body)
    except SyntaxError as error:
        raise BadAlarmRule(rule) from error


def _holds(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return not _holds(node.operand)
    if isinstance(node, ast.BoolOp):
        combine = all if isinstance(node.op, ast.And) else any
        return combine(_holds(value) for value in node.values)
    raise BadAlarmRule(ast.unparse(node))
