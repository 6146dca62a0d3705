"""Durations in forms: columns hold seconds or minutes, people read and write "1 h 30 min"."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Field
from unfold.widgets import UnfoldAdminTextInputWidget

from deployments import durations
from deployments.admin.spoken import HERE, naming
from deployments.languages.told import told

#: of the name of a column: how many seconds one of its numbers is, and what a number alone counts
UNITS = {"_seconds": (1, "s"), "_minutes": (60, "min")}


class DurationField(forms.Field):
    widget = UnfoldAdminTextInputWidget

    def __init__(self, *, each: int, alone: str, least: int, most: int | None, **more: Any) -> None:
        super().__init__(**more)
        self.each, self.alone, self.least, self.most = each, alone, least, most
        self.widget.attrs.setdefault("placeholder", "10 min")
        self.widget.attrs["autocomplete"] = "off"

    def prepare_value(self, value: Any) -> Any:
        return durations.shown(value * self.each) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        """In the column's unit. Raises ValidationError, a sentence."""
        if value in self.empty_values:
            return None
        if isinstance(value, int):
            return value
        try:
            seconds = durations.parse(str(value), alone=self.alone)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if seconds % self.each:
            raise ValidationError("Whole minutes only, such as 90 min.")
        return seconds // self.each

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.least:
            raise ValidationError(naming(f"At least {HERE}.", told(durations.shown(self.least * self.each))))
        if self.most is not None and value > self.most:
            raise ValidationError(naming(f"At most {HERE}.", told(durations.shown(self.most * self.each))))


def of_column(column: "Field[Any, Any]") -> DurationField | None:
    """None for a column that holds no duration."""
    unit = next((unit for ending, unit in UNITS.items() if column.name.endswith(ending)), None)
    if unit is None:
        return None
    limits = {type(each): each.limit_value for each in column.validators if hasattr(each, "limit_value")}
    return DurationField(
        each=unit[0],
        alone=unit[1],
        least=max(0, limits.get(MinValueValidator, 0)),
        most=limits.get(MaxValueValidator),
        label=_label(column),
        help_text=column.help_text,
        required=not column.blank,
        initial=column.get_default() if column.has_default() else None,
    )


def _label(column: "Field[Any, Any]") -> str:
    """Without the unit, which is in what is written."""
    words = str(column.verbose_name).removesuffix(" seconds").removesuffix(" minutes")
    words = f"{words} time" if words.endswith("bake") else words
    return f"{words[:1].upper()}{words[1:]}"
