"""A deployment to instances, in place or blue/green."""

from sandbox.codedeploy import github_connections
from sandbox.codedeploy.lifecycle import Story
from sandbox.codedeploy.model import Deployment
from sandbox.codedeploy.server import blue_green, in_place
from sandbox.codedeploy.server.fleet import Fleet
from sandbox.codedeploy.store import Store


def deploy(store: Store, fleet: Fleet, deployment: Deployment) -> Story:
    github_connections.check(deployment)
    if deployment.group.is_blue_green and not deployment.only_instances:
        return blue_green.deploy(store, fleet, deployment)
    return in_place.deploy(store, fleet, deployment)
