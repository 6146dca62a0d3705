"""appspec.yml of servers: what the agent refuses, in words."""

import pytest

from deployments.aws.appspecs import BadAppSpec
from deployments.aws.server_appspecs import Script, ServerAppSpec, parsed

HEAD = "version: 0.0\nos: linux\n"


def test_scripts_and_files_are_read_in_their_order() -> None:
    found = parsed(
        f"{HEAD}files:\n  - source: /\n    destination: /var/www/html\n"
        "hooks:\n  BeforeInstall:\n  AfterInstall:\n    - location: /scripts/set_owner\n      timeout: 5\n"
    )

    assert found == ServerAppSpec(
        scripts=(Script(event="AfterInstall", location="/scripts/set_owner"),), sources=("/",)
    )


def test_windows_writes_its_paths_the_other_way() -> None:
    found = parsed("version: 0.0\nos: windows\nhooks:\n  AfterInstall:\n    - location: scripts\\start.bat\n")

    assert found.scripts == (Script(event="AfterInstall", location="scripts/start.bat"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("a: [", "it is no YAML"),
        ("version: 1.0\nos: linux\n", "its version is 1.0, and has to be 0.0"),
        ("version: 0.0\n", "its os is missing, and has to be linux or windows"),
        (
            f"{HEAD}hooks:\n  AfterAllowTestTraffic:\n    - location: a\n",
            "AfterAllowTestTraffic, which is no lifecycle",
        ),
        (f"{HEAD}hooks: [AfterInstall]\n", "its hooks are not lifecycle events with their scripts"),
        (f"{HEAD}hooks:\n  AfterInstall: a\n", "its hook at AfterInstall is not a list of scripts"),
        (f"{HEAD}hooks:\n  AfterInstall:\n    - timeout: 5\n", "a script at AfterInstall has no location"),
        (f"{HEAD}files: a\n", "its files are not a list of source and destination"),
        (f"{HEAD}files:\n  - source: a\n", "an entry of its files has no source or no destination"),
    ],
)
def test_what_the_agent_would_refuse_is_told(text: str, said: str) -> None:
    with pytest.raises(BadAppSpec, match=said):
        parsed(text)
