"""The messages of templates and scripts, as message ids."""

import ast
import re
from collections.abc import Iterator

from django.utils.translation.template import templatize

from config.messages.sentences import Sentence

_STRING = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_MARKED = re.compile(rf"\b(?:gettext|_)\(\s*{_STRING}\s*\)|\bngettext\(\s*{_STRING}\s*,\s*{_STRING}")
_PILL = re.compile(r"""\{% pill "([^"]+)\"""")
_COUNTED = re.compile(r"""\{% counted [^"%]*(?:\|\w+)? "([^"]+)"(?: "([^"]+)")?""")


def of_template(source: str) -> Iterator[Sentence]:
    """Singular and plural count as two, since each is chosen by the rooms. Our own tags tell their words themselves."""
    yield from _marked(templatize(source))
    for found in _PILL.finditer(source):
        yield Sentence(found[1], source.count("\n", 0, found.start()) + 1)
    for found in _COUNTED.finditer(source):
        for noun in (found[1], found[2] or f"{found[1]}s"):
            yield Sentence(f"{{n}} {noun}", source.count("\n", 0, found.start()) + 1)


def of_script(source: str) -> Iterator[Sentence]:
    yield from _marked(source)


def _marked(source: str) -> Iterator[Sentence]:
    for found in _MARKED.finditer(source):
        for text in found.groups():
            if text:
                yield Sentence(str(ast.literal_eval(text)), source.count("\n", 0, found.start()) + 1)
