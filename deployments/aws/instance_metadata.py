"""Whether there is an instance metadata service that could give credentials, without asking the network.

botocore tells "there is none" and "it did not answer" by the same None.
"""

import os
from collections.abc import Mapping
from pathlib import Path

#: The name of the machine's maker, as the kernel has it.
MAKER = Path("/sys/devices/virtual/dmi/id/sys_vendor")


def is_there(environ: Mapping[str, str] = os.environ, maker: Path = MAKER) -> bool:
    if environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return False
    if environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT"):
        return True
    try:
        return maker.read_text(encoding="ascii", errors="replace").strip() == "Amazon EC2"
    except OSError:
        return False
