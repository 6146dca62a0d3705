"""The sentences of a module, as message ids.

The rooms write f-strings; `f"{name} waits until {at:%H:%M} UTC"` is the id "{0} waits until {1} UTC". An id counts its
places, so that it stays when a variable is renamed; what stands in them is told to whoever translates. What is counted,
by `words.counted`, is "{n} task" and "{n} tasks".
"""

import ast
import re
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z][A-Za-z’']+")
_LABEL = re.compile(r"[A-Z][a-z]+(-[a-z]+)?…?")
_CODE = re.compile(
    r"://|^(SELECT|UPDATE|INSERT|PRAGMA|CREATE|ALTER)\b|^[a-z]+[._:/][\w.:/*-]+$|[{}<>\\=]|^#|__|\.(html|js|css)$"
)
_BEFORE, _BEHIND = " \t\n,;:)·–—", " \t\n,;:(·–—"
_LOGGED = {"debug", "info", "warning", "error", "exception", "critical", "bind"}
_LOGGERS = {"log", "logger", "_log", "_logger"}
#: Calls whose texts no person reads.
_NOT_SAID = {
    "getLogger",
    "compile",
    "getattr",
    "hasattr",
    "filter",
    "values_list",
    "annotate",
    "strptime",
    "strftime",
    "split",
}


@dataclass(frozen=True)
class Sentence:
    """`places` are the expressions of its values, in the code's words."""

    id: str
    line: int
    places: tuple[str, ...] = ()


def sentences(source: str, *, labels: bool) -> list[Sentence]:
    """All in one module. `labels`: also single words that are written like "Approve"."""
    finder = _Finder(labels)
    finder.visit(ast.parse(source))
    return finder.found


class _Finder(ast.NodeVisitor):
    """Texts that a value is made of. What is compared, looked up by or annotated with is said to nobody."""

    def __init__(self, labels: bool) -> None:
        self._labels = labels
        self.found: list[Sentence] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        owner = getattr(getattr(node.func, "value", None), "id", "")
        if name in _NOT_SAID or (name in _LOGGED and owner in _LOGGERS):
            return
        if name == "counted":
            self._counted(node)
            return
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)

    def visit_Compare(self, node: ast.Compare) -> None:
        return

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        return

    def visit_Dict(self, node: ast.Dict) -> None:
        for each in node.values:
            self.visit(each)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            text = _core(node.value)
            if _is_prose(text) or (self._labels and _LABEL.fullmatch(text)):
                self._add(text, node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        text = ""
        places: list[str] = []
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
            elif isinstance(part, ast.FormattedValue):
                text += f"{{{len(places)}}}"
                places.append(ast.unparse(part.value))
                self._inside(part.value)
        self._add_shape(text, tuple(places), node)

    def _inside(self, value: ast.expr) -> None:
        """Parts of a sentence that are chosen within it, also such of one word."""
        for each in ast.walk(value):
            if isinstance(each, ast.IfExp):
                for branch in (each.body, each.orelse):
                    if isinstance(branch, ast.Constant) and isinstance(branch.value, str):
                        text = _core(branch.value)
                        if " " in text and _WORD.search(text):
                            self._add(text, branch)
        self.visit(value)

    def _add_shape(self, text: str, places: tuple[str, ...], node: ast.AST) -> None:
        text = _core(text)
        own = re.sub(r"\{\d+\}", " ", text)
        if not places or _CODE.search(own) or " " not in text or not _WORD.search(own):
            return
        numbers = [int(number) for number in re.findall(r"\{(\d+)\}", text)]
        again = {number: place for place, number in enumerate(dict.fromkeys(numbers))}
        text = re.sub(r"\{(\d+)\}", lambda found: f"{{{again[int(found[1])]}}}", text)
        self._add(text, node, tuple(places[number] for number in again))

    def _counted(self, node: ast.Call) -> None:
        for each in node.args:
            if not isinstance(each, ast.Constant):  # else its noun would be a message without its number, too
                self.visit(each)
        words = [str(each.value) for each in node.args[1:] if isinstance(each, ast.Constant)]
        if words:
            one, many = words[0], words[1] if len(words) > 1 else f"{words[0]}s"
            for noun in (one, many):
                self._add(f"{{n}} {noun}", node)

    def _add(self, text: str, node: ast.AST, places: tuple[str, ...] = ()) -> None:
        self.found.append(Sentence(text, getattr(node, "lineno", 0), places))


def _core(text: str) -> str:
    """Without what stands between it and its neighbours."""
    return text.lstrip(_BEFORE).rstrip(_BEHIND)


def _is_prose(text: str) -> bool:
    if " " not in text or _CODE.search(text) or len(_WORD.findall(text)) < 2:
        return False
    return sum(letter.isalpha() or letter.isspace() for letter in text) > 0.7 * len(text)
