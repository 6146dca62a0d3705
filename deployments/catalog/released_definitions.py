"""The task definition that a release brings: which images go with it, how it is kept, and what its event tells."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from deployments.definitions import reading
from deployments.definitions.reading import FIELD, read
from deployments.refused import Refused
from deployments.words import joined

__all__ = ["FIELD", "images", "kept", "read", "told"]


def images(name: str, document: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """By container: those that are given, and what the document says of the others. `name` is the file's.

    Where one placeholder stands in several containers, one image fills them all. Raises Refused.
    """
    said = reading.images(document)
    if strangers := [container for container in given if container not in said]:
        raise Refused(
            f"There is an image for {joined(strangers)}, but {name} has only {joined(sorted(said))}.", field="images"
        )
    by_hole = {hole: given[container] for container, image in said.items()
               if (hole := reading.placeholder(image)) and container in given}  # fmt: skip
    found = {
        container: given.get(container) or by_hole.get(reading.placeholder(image)) or image
        for container, image in said.items()
    }
    if missing := [container for container, image in found.items() if not image or reading.placeholder(image)]:
        holes = sorted({reading.placeholder(said[container]) for container in missing} - {""})
        which = f" where it says {joined([f'<{hole}>' for hole in holes])}" if holes else ""
        raise Refused(f"No image is given for {joined(missing)} of {name}{which}. Give one.", field="images")
    return found


def kept(name: str, document: Mapping[str, Any], pinned: Mapping[str, str]) -> dict[str, Any]:
    """As it is in the release's row. Raises Refused for a placeholder that nothing fills."""
    return {"document": reading.filled(name, document, pinned), "file": name, "salt": secrets.token_hex(16)}


def told(definition: Mapping[str, Any]) -> dict[str, str]:
    """For the event. Salted with what only the row knows, so that nobody can guess a value by the digest."""
    content = json.dumps(definition["document"], sort_keys=True)
    digest = hashlib.sha256(f"{definition['salt']}{content}".encode()).hexdigest()
    return {"file": definition["file"], "family": definition["document"].get("family", ""), "sha256": digest}
