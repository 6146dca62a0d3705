"""The command `tealgate`, and how it ends."""

import sys

import click

from tealgate import __version__, github
from tealgate.commands.agent import mcp
from tealgate.commands.completion import completion
from tealgate.commands.deploy import deploy
from tealgate.commands.environments import environments
from tealgate.commands.events import events
from tealgate.commands.gates import approve, gates, reject
from tealgate.commands.locks import lock, unlock
from tealgate.commands.releases import release
from tealgate.commands.signing_in import login, logout
from tealgate.commands.status import status
from tealgate.commands.turning_back import extend, finish, go_on, retry, rollback, stop
from tealgate.endings import REFUSED, TIMED_OUT, Ending, Unreachable
from tealgate.session import Session
from tealgate.texts import clean


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="tealgate")
@click.pass_context
def tealgate(context: click.Context) -> None:
    """Tealgate from a terminal or a pipeline.

    TEALGATE_URL says which; TEALGATE_TOKEN, the CI's own identity or `tealgate login` as whom. Ends with 0 good,
    1 rolled back, stopped or failed, 2 refused, 3 timed out, 4 cannot be reached.
    """
    context.ensure_object(Session)


for command in (
    release, deploy, status, gates, approve, reject, rollback, stop, retry, extend, finish, go_on, lock, unlock,
    environments, events, login, logout, completion, mcp,
):  # fmt: skip
    tealgate.add_command(command)


def run(arguments: list[str]) -> int:
    """The exit code."""
    session = Session()
    try:
        tealgate.main(args=arguments, prog_name="tealgate", standalone_mode=False, obj=session)
    except Ending as ending:
        return _ended(session, ending)
    except click.ClickException as wrong:
        wrong.show(file=sys.stderr)
        return REFUSED
    except click.Abort:
        return 130
    except click.exceptions.Exit as left:
        return left.exit_code
    except (KeyError, TypeError) as error:
        strange = f"What it answered is not known here ({type(error).__name__}: {error}). Is it another version?"
        return _ended(session, Unreachable(strange))
    return 0


def _ended(session: Session, ending: Ending) -> int:
    said = {"outcome": ending.outcome, "exit_code": ending.code, "sentence": clean(ending.sentence)}
    session.out.result({**said, **ending.more})
    session.out.note(ending.sentence)
    if session.ci.is_github:
        level = "warning" if ending.code == TIMED_OUT else "error"
        session.out.raw(github.annotation(level, f"Tealgate: {ending.outcome}", ending.sentence))
    return ending.code
