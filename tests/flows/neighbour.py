"""What somebody brings who deploys beside Tealgate."""

from tests.flows.clients import client
from tests.flows.storefront import Storefront


def a_hotfix(shop: Storefront, image: str = "") -> str:
    """A revision of what is live, such as a pipeline registers, with this image."""
    ecs, name = client("ecs"), shop.environment.service
    (service,) = ecs.describe_services(cluster=shop.environment.cluster, services=[name])["services"]
    live = service.get("taskDefinition") or service["taskSets"][0]["taskDefinition"]
    document = ecs.describe_task_definition(taskDefinition=live)["taskDefinition"]
    kept = ("family", "networkMode", "requiresCompatibilities", "cpu", "memory", "executionRoleArn", "taskRoleArn",
            "containerDefinitions", "runtimePlatform")  # fmt: skip
    if image:
        document["containerDefinitions"][0]["image"] = image
    made = ecs.register_task_definition(**{member: document[member] for member in kept if member in document})
    return str(made["taskDefinition"]["taskDefinitionArn"])
