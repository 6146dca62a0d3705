"""What wrk prints, read as it prints it."""

import pytest

from bench.image import Load

WELL = """Running 9s test @ http://127.0.0.1:36413/healthz
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    91.19ms  239.57ms   1.27s    99.50%
    Req/Sec     3.35k     1.25k    5.82k    68.06%
  Latency Distribution
     50%  424.00us
     75%   10.65ms
     90%  375.97ms
     99%    1.15s
  24539 requests in 9.03s, 4.91MB read
"""
END = "Requests/sec:   2716.90\nTransfer/sec:    557.17KB\n"


def test_requests_and_latencies_are_read() -> None:
    assert Load.read(WELL + END) == Load(24539, 2716.9, 0.424, 1150, 0)


@pytest.mark.parametrize(
    ("said", "errors"),
    [
        ("  Socket errors: connect 1, read 17, write 2, timeout 3\n", 23),
        ("  Non-2xx or 3xx responses: 7\n", 7),
        ("  Socket errors: connect 0, read 4, write 0, timeout 0\n  Non-2xx or 3xx responses: 7\n", 11),
    ],
)
def test_every_kind_of_error_counts(said: str, errors: int) -> None:
    assert Load.read(WELL + said + END).errors == errors


def test_a_run_that_never_began_is_an_error_with_its_words() -> None:
    with pytest.raises(RuntimeError, match="unable to connect"):
        Load.read("unable to connect to 127.0.0.1:1 Connection refused")
