"""How task definitions are called."""


def short(task_definition: str) -> str:
    """ "api:7" of a task definition's ARN."""
    return task_definition.rsplit("/", 1)[-1]
