"""The messages of templates and scripts, as message ids."""

import ast
import re
from collections.abc import Iterator

from django.utils.translation.template import templatize

from config.messages.sentences import Sentence

_STRING = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_MARKED = re.compile(rf"\b(?:gettext|_)\(\s*{_STRING}\s*\)|\bngettext\(\s*{_STRING}\s*,\s*{_STRING}")
_TAG = re.compile(r"\{%\s*(pill|counted)\s[^%]*%\}")


def of_template(source: str) -> Iterator[Sentence]:
    """Singular and plural count as two, since each is chosen by the rooms."""
    yield from _marked(templatize(source))


def of_script(source: str) -> Iterator[Sentence]:
    yield from _marked(source)


def _marked(source: str) -> Iterator[Sentence]:
    for found in _MARKED.finditer(source):
        for text in found.groups():
            if text:
                yield Sentence(str(ast.literal_eval(text)), source.count("\n", 0, found.start()) + 1)
