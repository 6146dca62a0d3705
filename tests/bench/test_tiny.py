"""Every measurement once, as small as it gets: on one Tealgate, in a process of its own with the demo's settings."""

import json
import subprocess
import sys

import pytest

from bench.measuring import ROOT

TINY = """
import json
from bench import api_reads, aws_calls, clicks, lost_requests
from bench.running import EVENTS_QUEUE, running
from bench.telling import gates

policy = {**aws_calls.POLICY, "bake_seconds": 1, "termination_wait_seconds": 1}
with running(60, policy, EVENTS_QUEUE) as shop:
    lost = lost_requests.measure(shop, 1).tables[0].rows
    calls, _ = aws_calls.measure_gates(shop, 1, aws_calls.KINDS[:1])
    told, answered = (table.rows for table in gates.measure(shop, 1))
    clicked, alarms = (table.rows for table in clicks.measure(shop, 1).tables)
    reads = api_reads.at_a_rate(shop, shop.newest().pk, 16, 1).rows
print(json.dumps([lost, clicked, alarms, calls.rows, reads, told, answered]))
"""


@pytest.mark.flow
@pytest.mark.timeout(240)
def test_each_measurement_measures() -> None:
    done = subprocess.run([sys.executable, "-c", TINY], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]

    lost, clicked, alarms, calls, reads, told, answered = json.loads(done.stdout)

    _, _, swaps, sent, lost_requests = lost[-1]
    assert (swaps, lost_requests) == (1, 0)
    assert sent > 50
    assert [row[1] for row in clicked] == [1, 1, 1, 1]
    assert all(0 < answered < weighed for (*_, answered, _), (*_, weighed, _) in (clicked[:2], clicked[2:]))
    assert [(runs, 0 < half <= worst) for _, runs, half, _, worst in alarms] == [(1, True)]
    ((_, at_once, later, difference, waiting),) = calls
    assert later - at_once == difference
    # On a whole half minute of the clock, services and rules are compared with the plan.
    assert waiting in (0, 2)
    assert [row[1:3] for row in reads] == [[16, 0], *[[2, 0]] * 8]
    assert [(runs, lost, 0 < half <= worst) for _, runs, lost, half, _, worst, _ in told] == [(1, 0, True)]
    assert [(clicks, 0 < half <= worst) for _, clicks, half, _, worst in answered] == [(1, True)] * 2
