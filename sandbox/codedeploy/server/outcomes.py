"""What became of a script, as GetDeploymentTarget tells it, in the agent's words."""

from sandbox.codedeploy.model import Json
from sandbox.codedeploy.server.appspec import Script

AT = "Script at specified location: {script.location}"


def outcome(answer: Json, script: Script, path: str, root: str) -> tuple[str, str]:
    """errorCode and message; ``path`` is the script's on the instance, whose root directory is ``root``."""
    at = AT.format(script=script)
    match answer.get("problem"):
        case "missing":
            return "ScriptMissing", f"Script does not exist at specified location: {path}"
        case "timeout":
            return "ScriptTimedOut", f"{at} failed to complete in {script.timeout} seconds"
        case "left open":
            # The agent has a code of its own for this, which the API has not.
            return "UnknownError", f"{at} failed to close {answer['words']}"
        case "error":
            return "ScriptFailed", f"{_by(at, script)} failed with error {answer['words'].replace(root, '')}"
    if answer["code"]:
        return "ScriptFailed", f"{_by(at, script)} failed with exit code {answer['code']}"
    return "Success", "Succeeded"


def _by(at: str, script: Script) -> str:
    return f"{at} run as user {script.runas}" if script.runas else at
