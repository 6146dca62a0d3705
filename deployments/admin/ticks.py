"""Choosing several of a list: boxes to tick, which can be searched where there are many. Nothing is lost without
JavaScript, as it is where one list is moved into another."""

from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString


class Ticks(forms.CheckboxSelectMultiple):
    """Under headings, where the choices have some."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = self.get_context(name, value, attrs)
        groups: dict[str, list[Any]] = {}
        for title, options, _ in context["widget"]["optgroups"]:
            groups.setdefault(title or "", []).extend(options)
        shown = {"groups": groups.items(), "name": name, "label": name.rpartition("-")[2].replace("_", " ")}
        return render_to_string("admin/deployments/form/tick_list.html", shown)
