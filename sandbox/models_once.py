"""What AWS's services look like, read once a process.

Each session of botocore's, and moto for each service, makes a loader of its own that parses the same megabytes of JSON
again: two thirds of the time that a sandbox took to start. Has to be imported before moto's services are.
"""

import functools

import botocore.session
from moto.core import utils

botocore.session.create_loader = functools.cache(botocore.session.create_loader)
utils.create_loader = functools.cache(utils.create_loader)
