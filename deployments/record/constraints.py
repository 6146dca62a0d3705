"""Which constraint a write has violated: an IntegrityError can be any of them, and only one has its sentence."""

from django.db import IntegrityError, models


def violated(error: IntegrityError, model: type[models.Model], name: str) -> bool:
    """Whether it was the unique constraint of this name."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:  # PostgreSQL's
        return bool(diagnosis.constraint_name == name)
    unique = {each.name: each for each in model._meta.constraints if isinstance(each, models.UniqueConstraint)}
    by_field = {field.name: field.column for field in model._meta.concrete_fields}
    columns = (by_field[field] for field in unique[name].fields)
    # SQLite's own words; it tells columns, not names.
    return str(error) == f"UNIQUE constraint failed: {', '.join(f'{model._meta.db_table}.{each}' for each in columns)}"
