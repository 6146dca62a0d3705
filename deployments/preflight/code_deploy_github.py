"""Whether CodeDeploy can download a release that is a commit on GitHub."""

from collections.abc import Iterator

from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.code_deploy_readings import ServerReadings
from deployments.preflight.report import Result, error, ok, warning

_HOW = (
    "Connect it in CodeDeploy's console, which is the only way: {application}, Create deployment, My application is "
    "stored in GitHub, Connect to GitHub; the deployment itself need not be made."
)


def github_connection(
    settings: EnvironmentSettings, artefact: Artefact | None, readings: ServerReadings
) -> Iterator[Result]:
    """github-connection"""
    if artefact is None or artefact.bundle is None or artefact.bundle["type"] != "GitHub":
        return
    application, repository = settings.codedeploy_application, artefact.bundle["repository"]
    link = readings.github_link
    if link.account:
        yield ok(
            "github-connection",
            f"CodeDeploy downloads {repository} by the connection {link.account}. Whether that may read it, only "
            "GitHub knows.",
        )
    elif link.connections:
        yield warning(
            "github-connection",
            f"CodeDeploy's application {application} is not connected to GitHub, though the account has connections "
            f"({', '.join(link.connections)}): {repository} cannot be downloaded if it is private.",
            _HOW.format(application=application),
        )
    else:
        yield error(
            "github-connection",
            f"This AWS account has no connection to GitHub in {settings.region}, so CodeDeploy cannot download "
            f"{repository}: the deployment would end with MISSING_GITHUB_TOKEN.",
            _HOW.format(application=application) + " Or upload the bundle to S3 and register that.",
        )
