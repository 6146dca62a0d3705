"""``python -m sandbox``: run the sandbox until Ctrl-C or SIGTERM."""

import argparse
import gc
import logging
import signal
import sys
import threading
from pathlib import Path

from sandbox.account import REGION
from sandbox.world import APPLICATIONS, BOOKING, LANDING


def main() -> int:
    arguments = _parse()
    gc.disable()  # what starting makes stays: to look through it for garbage took a quarter of the time
    from sandbox.moto_server import PortTaken
    from sandbox.server import Sandbox

    logging.basicConfig(level=logging.INFO, format="%(asctime)s sandbox: %(message)s", datefmt="%H:%M:%S")
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda signum, frame: stop.set())
    sandbox = Sandbox(
        port=arguments.port,
        scale=arguments.scale,
        listener_ports=dict(arguments.listener_port),
        state=arguments.state,
        applications=arguments.application or APPLICATIONS,
        region=arguments.region,
        enforce_iam=arguments.enforce_iam,
        github=arguments.github,
    )
    try:
        sandbox.__enter__()
    except PortTaken as taken:
        print(taken, file=sys.stderr)
        return 1
    gc.freeze()
    gc.enable()
    try:
        logging.info("AWS answers on %s, %g times as fast", sandbox.url, arguments.scale)
        for listener in sandbox.load_balancers.listeners():
            name, port = listener["LoadBalancerName"], listener["Port"]
            logging.info("%s port %s is %s %s", name, port, listener["Url"] or "nowhere:", listener["Note"])
        stop.wait()
        logging.info("Stopping")
    finally:
        sandbox.close()
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="AWS on one machine, for trying and testing."
    )
    parser.add_argument("--port", type=int, default=5555, help="port of the AWS API on 127.0.0.1 (default 5555)")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="how many times faster than AWS time passes (default 1)"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help="remember changes in DIR and go on from them")
    parser.add_argument(
        "--listener-port",
        type=_port_mapping,
        action="append",
        default=[],
        metavar="AWS=LOCAL",
        help="open the listener of this AWS port on that local port, e.g. 80=8080; may be repeated",
    )
    parser.add_argument(
        "--github",
        type=Path,
        metavar="DIR",
        help="CodeDeploy reads GitHub revisions from DIR/account/repository/commit",
    )
    parser.add_argument(
        "--application",
        action="append",
        choices=(*APPLICATIONS, LANDING, BOOKING),
        help="seed this one only; may be repeated (default: all)",
    )
    parser.add_argument("--region", default=REGION, help=f"where the shop is seeded (default {REGION})")
    parser.add_argument("--enforce-iam", action="store_true", help="refuse calls that a role's policies do not allow")
    arguments = parser.parse_args()
    if arguments.scale <= 0:
        parser.error("--scale must be above 0")
    return arguments


def _port_mapping(text: str) -> tuple[int, int]:
    try:
        first, second = text.split("=")
        return int(first), int(second)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not AWS=LOCAL, for example 80=8080") from None


if __name__ == "__main__":
    sys.exit(main())
