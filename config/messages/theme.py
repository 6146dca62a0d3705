"""What the theme says on our pages, and what it was mended to say. It brings no catalog of its own."""

from collections.abc import Iterator
from pathlib import Path

import django
import polib
import simple_history
import unfold
from django.apps import apps

from config.messages.pages import of_script, of_template
from config.messages.sentences import Sentence
from config.theme import MENDS, REPLACED, RETOLD

_FOLDERS = ("templates/admin", "templates/unfold", "templates/registration", "contrib/filters/templates")
#: Parts of it that no page of ours has: its own search, its data sets.
_UNUSED = ("unfold/helpers/command", "unfold/helpers/search.html", "admin/dataset_actions.html")
_MODULES = (
    "admin.py",
    "forms.py",
    "widgets.py",
    "mixins/base_model_admin.py",
    "templatetags/unfold.py",
    "templatetags/unfold_list.py",
)


def of_theme(templates: Path) -> Iterator[tuple[str, Sentence]]:
    """With the file's name. Left out are files that ours in `templates` replace, and what Django says itself."""
    known = _said_by_django()
    for message in RETOLD:
        yield "config/theme.py", Sentence(message, 0)
    for name, source in _sources(templates):
        found = of_script(source) if name.endswith(".py") else of_template(source)
        for each in found:
            if each.id not in known:
                yield name, each


def _sources(templates: Path) -> Iterator[tuple[str, str]]:
    for name, mends in [*MENDS.items(), *REPLACED.items()]:
        yield f"config/theme.py {name}", " ".join(added for _, added in mends)
    root = Path(unfold.__file__).parent
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*.html")):
            name = path.relative_to(root).as_posix().partition("templates/")[2]
            if not name.startswith(_UNUSED) and not _is_replaced(templates / name):
                yield f"unfold/{name}", path.read_text()
    for module in _MODULES:
        yield f"unfold/{module}", (root / module).read_text()
    history = Path(simple_history.__file__).parent
    for module in ("models.py", "admin.py"):
        yield f"simple_history/{module}", (history / module).read_text()


def _is_replaced(ours: Path) -> bool:
    """One of ours may also only add to the theme's."""
    return ours.exists() and "{{ block.super }}" not in ours.read_text()


def _said_by_django() -> set[str]:
    folders = [Path(django.__file__).parent / "conf", *(Path(each.path) for each in apps.get_app_configs())]
    catalogs = [folder / "locale" / "en" / "LC_MESSAGES" / "django.po" for folder in folders]
    return {each.msgid for path in catalogs if path.exists() for each in polib.pofile(str(path))}
