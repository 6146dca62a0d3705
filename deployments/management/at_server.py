"""Who runs a command at the server: the operating system's user, whatever the environment's variables call them."""

import os
import pwd

from deployments.people.principal import Principal


def principal() -> Principal:
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:  # a container may run as a number without a name
        name = f"user {number}"
    return Principal.at_server(name)
