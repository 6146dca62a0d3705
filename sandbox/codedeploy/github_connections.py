"""Connections to GitHub accounts, by which revisions are downloaded: made in AWS's console, so only told here."""

from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.halts import Failed
from sandbox.codedeploy.model import Deployment, Json
from sandbox.codedeploy.pages import page
from sandbox.codedeploy.store import Store

#: of a sandbox that was started with GitHub revisions
OWN = "sandbox"
MISSING = "The application {} is not connected to a GitHub account, so the revision cannot be downloaded."


def list_names(store: Store, request: Json) -> Json:
    return page(store.github_connections, request, "tokenNameList")


def delete(store: Store, request: Json) -> Json:
    name = request.get("tokenName") or refuse("GitHubAccountTokenNameRequired", "A GitHub token name is required")
    if name not in store.github_connections:
        refuse("GitHubAccountTokenDoesNotExist", f"No GitHub account connection exists with the name {name}")
    store.github_connections.remove(name)
    for application in store.applications.values():
        if application.github_connection == name:
            application.github_connection = ""
    return {"tokenName": name}


def check(deployment: Deployment) -> None:
    """Raises Failed."""
    from_github = deployment.revision.get("revisionType") == "GitHub"
    if from_github and not deployment.application.github_connection:
        raise Failed("MISSING_GITHUB_TOKEN", MISSING.format(deployment.application.name))
