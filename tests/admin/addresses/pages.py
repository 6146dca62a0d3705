"""Every address of the site, the forms that its pages hold, and what is in the database."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

#: Written by signing in and by every message that is shown.
#: Calls to AWS are counted every few seconds, by whichever request comes then.
NOT_COMPARED = {"django_session", "django_migrations", "sqlite_sequence", "deployments_awscallcount"}


@dataclass(frozen=True)
class Address:
    name: str
    path: str


@dataclass
class Form:
    action: str
    #: as a browser sends them
    data: dict[str, list[str]] = field(default_factory=dict)
    #: the same with something in every blank field and every number raised
    filled: dict[str, list[str]] = field(default_factory=dict)
    #: (name, value) of each button that sends it
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def put(self, name: str, value: str, filled: str | None = None) -> None:
        if name and name != "csrfmiddlewaretoken" and "__prefix__" not in name:
            self.data.setdefault(name, []).append(value)
            self.filled.setdefault(name, []).append(value if filled is None else filled)

    def sent(self) -> Iterator[dict[str, list[str]]]:
        for name, value in self.buttons or [("", "")]:
            if name in ("_continue", "_addanother"):  # save as the first button does, and go elsewhere
                continue
            pressed = {name: [value]} if name else {}
            yield {**self.data, **pressed}
            yield {**self.filled, **pressed}


def addresses(rows: Mapping[str, Any]) -> list[Address]:
    """With a row's key wherever a pattern asks for one. `rows`: key by "app/model" or argument."""
    return [
        Address(pattern.name or "", path)
        for pattern, route in _patterns(get_resolver().url_patterns, "/")
        for path in _filled(route, rows)
    ]


def _patterns(found: Iterable[Any], before: str) -> Iterator[tuple[URLPattern, str]]:
    for entry in found:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, before + str(entry.pattern))
        else:
            yield entry, before + str(entry.pattern)


def _filled(route: str, rows: Mapping[str, Any]) -> list[str]:
    if "^(?P<app_label>" in route:
        return [f"/{app}/" for app in ("deployments", "django_q", "axes", "auth")]
    if route.endswith("(?P<url>.*)$"):
        return ["/nowhere/"]
    if route.startswith("/r/"):
        return [f"/r/{rows['content_type']}/{rows['deployments/environment']}/"]
    model = "/".join(route.split("/")[1:3])
    key = str(rows.get(model, ""))
    for hole in ("<path:object_id>", "<int:pk>", "<id>"):
        route = route.replace(hole, key)
    route = route.replace("<int:gate>", str(rows["deployments/gate"]))
    if "<slug:verb>" in route:
        return [route.replace("<slug:verb>", verb) for verb in rows["verbs"]]
    return [route.replace("^([^/]+)/history/([^/]+)/$", f"{key}/history/{rows['version']}/")]


#: What to type where nothing is, by the field's type: also a name, a version and seven digits of a commit.
TYPED = {"text": "ABCDEF9", "password": "correct horse 9", "url": "https://example.com/", "email": "a@example.com"}


class _Forms(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.forms, self._by_id = page, list[Form](), dict[str, Form]()
        self._form: Form | None = None
        self._select: tuple[str, list[str], list[str]] = ("", [], [])
        self._many, self._text = False, ("", "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._form = self._by_id[said.get("id", "")] = Form(said.get("action") or self.page)
            if said.get("method", "").lower() == "post":
                self.forms.append(self._form)
            return
        form = self._by_id.get(said["form"]) if "form" in said else self._form
        if form is None or "disabled" in said:
            return
        if tag == "input":
            _put_input(form, said)
        elif tag == "button" and said.get("type", "submit") == "submit":
            form.buttons.append((said.get("name", ""), said.get("value", "")))
        elif tag == "textarea":
            self._text = (said.get("name", ""), "")
        elif tag == "select":
            self._select = (said.get("name", ""), [], [])
            self._many = "multiple" in said
        elif tag == "option":
            self._select[1].append(said.get("value", ""))
            if "selected" in said:
                self._select[2].append(said.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._form:
            self._form.put(*self._text, self._text[1] or TYPED["text"])
            self._text = ("", "")
        elif tag == "select" and self._form:
            name, offered, chosen = self._select
            if not (chosen or self._many):
                chosen = offered[:1]
            for value in chosen:
                self._form.put(name, value, value or offered[-1])

    def handle_data(self, data: str) -> None:
        if self._text[0]:
            self._text = (self._text[0], self._text[1] + data)


def _put_input(form: Form, said: dict[str, str]) -> None:
    name, kind, value = said.get("name", ""), said.get("type", "text"), said.get("value", "")
    if kind == "submit":
        form.buttons.append((name, value))
    elif kind in ("checkbox", "radio"):
        if "checked" in said:
            form.put(name, value or "on")
    elif kind == "number":
        form.put(name, value, str(int(value) + 1) if value.isdecimal() else value or "1")
    else:
        form.put(name, value, value or TYPED.get(kind, ""))


def forms(answer: Any, address: Address) -> list[Form]:
    """Those that a page sends by POST; none where it is no page."""
    if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
        return []
    reader = _Forms(address.path)
    reader.feed(answer.content.decode())
    for form in reader.forms:
        form.action = urlsplit(form.action).path or address.path
    return reader.forms


def writes() -> int:
    """How many rows were written so far on this connection: what wrote none needs no look at everything."""
    if connection.vendor == "sqlite":
        return int(connection.connection.total_changes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables")
        return int(cursor.fetchone()[0])


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name not in NOT_COMPARED]
        return {name: _rows(cursor, name) for name in names}


def _rows(cursor: Any, table: str) -> list[tuple[Any, ...]]:
    cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')  # noqa: S608
    return list(cursor.fetchall())
