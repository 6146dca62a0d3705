"""Which containers an application's releases have images for, and in which repositories of ECR these are."""

from deployments.aws.ecr_address import EcrAddress
from deployments.catalog import live_images
from deployments.catalog.models import Application
from deployments.definitions.pipeline_files import repository
from deployments.refused import Refused


def containers(application: Application) -> dict[str, str]:
    """Container to repository, as of the newest release with images, else of what runs; only those in ECR."""
    newest = application.releases.filter(images__isnull=False).order_by("-created_at", "-pk").first()
    found = {image.container: image.repository for image in newest.images.all()} if newest else _running(application)
    return {name: address for name, address in found.items() if EcrAddress.parse(address)}


def _running(application: Application) -> dict[str, str]:
    """Nothing where AWS does not answer: people can type it."""
    try:
        live = live_images.tagged(application=application, tags={"": "live"})
    except Refused:
        return {}
    return {name: repository(reference) for name, reference in live.items()}
