"""The questions about images in Amazon ECR, as a part of `protocol.Gateway`."""

from collections.abc import Collection, Mapping
from typing import Protocol

from deployments.aws import values


class Repositories(Protocol):
    """A repository is named with its host, as in an image's address."""

    def image(self, repository: str, reference: str, *, platforms: bool = True) -> values.Image:
        """An ECR image by tag or digest ("sha256:..."), resolved to its digest and, where wanted, its platforms."""
        ...

    def images_there(self, repository: str, references: Collection[str]) -> frozenset[str]:
        """Of these tags and digests of one repository of ECR those that it has, a hundred a call."""
        ...

    def tagged_images(self, repository: str) -> tuple[values.TaggedImage, ...]:
        """All tags of a repository of ECR that name an image which can be pulled, a thousand a call, in no order."""
        ...

    def image_labels(self, repository: str, digest: str) -> Mapping[str, str]:
        """What the build wrote into an image of ECR: annotations and, before them, labels. Of an index its first."""
        ...
