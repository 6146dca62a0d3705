"""Applications: names that hold deployment groups and revisions."""

import re

from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Application, Json
from sandbox.codedeploy.pages import page
from sandbox.codedeploy.store import Store

MOST_AT_ONCE = 100


def create_application(store: Store, request: Json) -> Json:
    name, platform = request["applicationName"], request.get("computePlatform", "Server")
    if not re.fullmatch(r"[\w.+=,@-]{1,100}", name):
        refuse("InvalidApplicationName", f"Application name is not valid: {name}")
    if name in store.applications:
        refuse("ApplicationAlreadyExists", f"Application already exists: {name}")
    if platform not in ("ECS", "Server"):
        refuse("InvalidComputePlatform", f"The sandbox deploys to ECS and Server, not to {platform}.")
    application = Application(name, platform)
    if platform == "Server" and store.github_connections:
        application.github_connection = store.github_connections[0]
    store.applications[name] = application
    if request.get("tags"):
        store.tags[f"application:{name}"] = request["tags"]
    return {"applicationId": application.id}


def get_application(store: Store, request: Json) -> Json:
    return {"application": _info(store.application(request["applicationName"]))}


def batch_get_applications(store: Store, request: Json) -> Json:
    names = request["applicationNames"]
    if len(names) > MOST_AT_ONCE:
        refuse("BatchLimitExceeded", f"At most {MOST_AT_ONCE} applications can be asked for at once")
    return {"applicationsInfo": [_info(store.application(name)) for name in names]}


def list_applications(store: Store, request: Json) -> Json:
    return page(list(store.applications), request, "applications")


def update_application(store: Store, request: Json) -> Json:
    application = store.application(request.get("applicationName", ""))
    new = request.get("newApplicationName") or application.name
    if new != application.name and new in store.applications:
        refuse("ApplicationAlreadyExists", f"Application already exists: {new}")
    del store.applications[application.name]
    application.name = new
    store.applications[new] = application
    return {}


def delete_application(store: Store, request: Json) -> Json:
    """Deleting what is not there is fine."""
    store.applications.pop(request["applicationName"], None)
    return {}


def _info(application: Application) -> Json:
    return {
        "applicationId": application.id,
        "applicationName": application.name,
        "createTime": application.created_at,
        "linkedToGitHub": bool(application.github_connection),
        **({"gitHubAccountName": application.github_connection} if application.github_connection else {}),
        "computePlatform": application.platform,
    }
