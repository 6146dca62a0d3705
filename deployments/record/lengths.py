"""Text columns have a length that the database holds to: forms alone do not stop a program."""

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual


def at_most(column: str, most: int, *, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=LessThanOrEqual(Length(column), most),
        name=name,
        violation_error_message=f"The {column} may have {most} characters at most.",
    )
