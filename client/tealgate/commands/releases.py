"""What there is to deploy."""

from pathlib import Path
from typing import Any

import click

from tealgate.answers import Reply
from tealgate.api import at
from tealgate.commands.options import Pair, everywhere
from tealgate.endings import Refused
from tealgate.session import Session

_File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def release() -> None:
    """Releases: what there is to deploy."""


@release.command()
@click.argument("application", metavar="APP")
@click.argument("version")
@click.option("--image", "images", type=Pair(), multiple=True, metavar="CONTAINER=URI",
              help="By tag or digest; a tag is resolved now. Once for each container.")  # fmt: skip
@click.option("--bundle", help="For servers, instead of images: s3://bucket/key.zip, or account/name@commit.")
@click.option("--task-definition", type=_File, help="A file as RegisterTaskDefinition takes it, <NAME> for images.")
@click.option("--git-sha", help="The commit; else the one that the CI names.")
@click.option("--notes", default="", help="What is new.")
@click.option("--notes-file", type=_File, help="The same, from a file.")
@everywhere
@click.pass_obj
def register(session: Session, /, application: str, version: str, images: tuple[tuple[str, str], ...],
             notes_file: Path | None, notes: str, **more: Any) -> None:  # fmt: skip
    """Register VERSION of APP. The same again is well; other contents under this version are refused."""
    said = {"git_sha": more["git_sha"] or "", "notes": _text(notes_file) if notes_file else notes}
    if more["bundle"]:
        said["bundle"] = more["bundle"]
    if more["task_definition"]:
        said["task_definition"] = _text(more["task_definition"])
    reply = registered(session, application, version, images, **said)
    outcome = "registered" if reply.status == 201 else "registered-before"
    session.out.result({"outcome": outcome, "exit_code": 0, "release": reply.data})


def registered(
    session: Session, application: str, version: str, images: tuple[tuple[str, str], ...], **said: str
) -> Reply:
    """Registers it, and says so to people. Raises Refused, also where it is there with other contents."""
    if len(dict(images)) < len(images):
        raise Refused("A container is named twice with --image; say each once.")
    body = {"version": version, "images": dict(images), **said, "git_sha": said.get("git_sha") or session.ci.git_sha}
    reply = session.api.ask("POST", f"{at('applications', application)}/releases", body=body)
    if not session.out.as_json:
        is_new = reply.status == 201
        session.out.say(f"{application} {version} {'is registered' if is_new else 'was registered before'}.")
        for image in reply.data["images"]:
            session.out.say(f"  {image['container']}: {image['pinned']}")
    return reply


@release.command("list")
@click.argument("application", metavar="APP")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@everywhere
@click.pass_obj
def listed(session: Session, application: str, limit: int) -> None:
    """The newest releases of APP."""
    found = session.api.get(f"{at('applications', application)}/releases", {"limit": limit})["items"]
    session.out.result({"releases": found})
    if not session.out.as_json:
        for each in found:
            session.out.say(f"{each['version']:<30} {each['created_at'][:16]}  {each['git_sha'][:12]}")


def _text(file: Path) -> str:
    """Raises Refused."""
    try:
        return file.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise Refused(f"{file} cannot be read as UTF-8: {error}.") from error
