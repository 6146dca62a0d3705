"""Errors as CodeDeploy words them. The code is the name of the exception in the API model."""

from typing import NoReturn


class CodeDeployError(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = f"{code}Exception"
        self.message = message
        self.status = status


def refuse(code: str, message: str) -> NoReturn:
    """Raise the exception of this code; the suffix Exception is added."""
    raise CodeDeployError(code, message)
