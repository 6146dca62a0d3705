"""What a shell needs to complete our words."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what SHELL needs to complete commands and options: eval "$(tealgate completion bash)"."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - one of the three
    click.echo(kind(context.find_root().command, {}, "tealgate", "_TEALGATE_COMPLETE").source())
