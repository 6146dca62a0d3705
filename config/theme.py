"""The theme's own templates, mended on their way in where keys and screen readers could not follow.

Overriding one to add an attribute would freeze all of it; so what is wrong is named, and replaced as it is read. A test
says when a newer theme has nothing left to mend.
"""

import re

from django.template import Origin
from django.template.loaders import app_directories

#: An icon is a word in a font that draws it, which would be read aloud: "rocket_launch".
_ICON = re.compile(r"<(span|div)\b(?=[^<]*?\bmaterial-symbols-outlined\b)(?![^<]*?(?:aria-|x-on:click))")
#: What only a click opens takes the focus, and Enter and the space bar press it.
_PRESSED = (
    ' role="button" tabindex="0" x-on:keydown.enter.prevent="$el.click()" x-on:keydown.space.prevent="$el.click()"'
)


def _named(words: str, attribute: str = "aria-label") -> str:
    """In the reader's language; no template of the theme's need load a tag for it."""
    return f' {attribute}="{{{{ _("{words}") }}}}"'


_ALERT = ' role="alert" tabindex="-1"'
#: By the template's name: what stands there, and what is put behind it.
MENDS: dict[str, tuple[tuple[str, str], ...]] = {
    "admin/change_list_results.html": (
        ("data-simplebar ", _named("All that is listed", "data-simplebar-aria-label") + " "),
    ),
    "unfold/helpers/edit_inline/tabular_table.html": (
        ("data-simplebar ", _named("All that is listed", "data-simplebar-aria-label") + " "),
    ),
    "admin/change_list.html": (
        ('x-on:click="filterOpen = true"', f'{_PRESSED} x-bind:aria-expanded="filterOpen"'),
    ),
    "admin/search_form.html": (
        ('id="searchbar-submit"', _named("Search")),
        ('<input type="text"', ' aria-label="{{ cl.search_help_text|default:_("Search") }}"'),
    ),
    "unfold/helpers/app_list.html": (("data-simplebar", _named("All pages", "data-simplebar-aria-label")),),
    "unfold/helpers/change_list_filter.html": (
        ("data-simplebar ", _named("Filters", "data-simplebar-aria-label") + " "),
    ),
    "unfold/helpers/language_form.html": (
        (
            '<button type="submit"',
            ' lang="{{ language.code }}" translate="no"'
            '{% if language.code == LANGUAGE_CODE %} aria-current="true"{% endif %}',
        ),
    ),
    "unfold/helpers/navigation.html": (('<nav id="nav-sidebar-inner"', _named("Menu")),),
    "unfold/helpers/navigation_header.html": (
        ('x-on:click="sidebarMobileOpen = !sidebarMobileOpen"', _PRESSED + _named("Close the menu")),
    ),
    "unfold/helpers/navigation_user.html": (
        ("<nav", _named("Account") + ' x-on:keydown.escape.window="openUserLinks = false"'),
        ('x-on:click="openUserLinks = !openUserLinks"', f'{_PRESSED} x-bind:aria-expanded="openUserLinks"'),
    ),
    "unfold/helpers/theme_switch.html": (("<a", _PRESSED),),
    # Its attributes are a text within a tag, which holds no words of a language.
    "unfold/helpers/tab_actions.html": (
        ("""x-on:click='showActions = !showActions'" %}""", '<span class="tg-hidden">{{ _("More actions") }}</span>'),
    ),
    "unfold/helpers/tab_items.html": (
        ('<nav id="tabs-items"', _named("Parts of this page")),
        ('<nav id="tabs-dropdown"', _named("More parts of this page")),
        ('x-on:click="openTabsDropdown = !openTabsDropdown"', _PRESSED + _named("More")),
    ),
    "unfold/helpers/fieldsets_tabs.html": (("<nav", _named("Parts of the form")), ("<a", _PRESSED)),
    "unfold/helpers/messages/errornote.html": (("<p", _ALERT),),
    "unfold/helpers/messages/error.html": (("<div", _ALERT),),
    "unfold/helpers/edit_inline/tabular_heading.html": (
        ('lg:w-px dark:text-font-important-dark">', '<span class="tg-hidden">{{ _("Delete") }}</span>'),
    ),
    "unfold/helpers/theme_switch_dropdown.html": (
        ("<a", _PRESSED),
        ('x-on:click="openTheme = !openTheme"', _named("Light or dark") + ' x-bind:aria-expanded="openTheme"'),
        ("<nav", _named("Light or dark")),
    ),
    "unfold/layouts/unauthenticated.html": (('<div class="w-full sm:w-96"', ' role="main" id="main-content"'),),
    "unfold/widgets/password_toggle.html": (
        ('x-on:click="showPassword = !showPassword"', _PRESSED + _named("Show the password")),
    ),
    "unfold/widgets/related_widget_wrapper.html": (
        (
            'x-on:click="openRelatedWidgetWrapper = !openRelatedWidgetWrapper"',
            _PRESSED + _named("Add or change") + ' x-bind:aria-expanded="openRelatedWidgetWrapper"',
        ),
        ("<nav", _named("Add or change")),
    ),
}  # fmt: skip

#: What Korean says the other way round, as one message.
REPLACED: dict[str, tuple[tuple[str, str], ...]] = {
    "admin/submit_line.html": (
        (
            '{% trans "Delete" %} {{ opts.verbose_name }}',
            "{% blocktrans with name=opts.verbose_name %}Delete {{ name }}{% endblocktrans %}",
        ),
    ),
}

#: What Django or the theme says itself, and a translation of ours says better, or at all.
RETOLD = (
    "Change history: %s",
    "History",
    "Please enter a correct %(username)s and password. Note that both fields may be case-sensitive.",
    "Please enter the correct %(username)s and password for a staff account. Note that both fields may be "
    "case-sensitive.",
    "Please enter your old password, for security’s sake, and then enter your new password twice so we can verify you "
    "typed it in correctly.",
    "Raw passwords are not stored, so there is no way to see this user’s password, but you can change the password "
    'using <a href="{}" class="text-primary-600 dark:text-primary-500">this form</a>.',
    "Select %s to view",
    "The {name} “{obj}” was added successfully.",
    "The {name} “{obj}” was changed successfully.",
    "The {name} “{obj}” was changed successfully. You may edit it again below.",
    "You don’t have permission to view or edit anything.",
    "permissions",
    "users",
)


class Loader(app_directories.Loader):
    def get_contents(self, origin: Origin) -> str:
        text = super().get_contents(origin)
        return mended(str(origin.template_name), text) if "/unfold/" in str(origin.name) else text


def mended(name: str, text: str) -> str:
    for place, instead in REPLACED.get(name, ()):
        text = text.replace(place, instead)
    for place, added in MENDS.get(name, ()):
        text = text.replace(place, place + added)
    return _ICON.sub(r'<\1 aria-hidden="true"', text)
