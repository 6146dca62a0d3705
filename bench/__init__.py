"""Measurements, each printed by one command: `python -m bench.lost_requests` and so on, all by `make bench`.

Every one starts a whole Tealgate on this machine (sandbox, web server, worker), prints a table and keeps it
in build/bench/, from where `bench.report` puts it into docs/benchmarks.md. Nothing leaves loopback.
"""
