#!/bin/sh
# In the sandbox HOST is the instance's own address; on a real instance the server listens on all of them.
set -e
cd "$INSTANCE_ROOT/srv/reports"
nohup "${PYTHON:-python3}" -S -E server.py "$(cat VERSION)" "${HOST:-0.0.0.0}" 8000 \
    "$INSTANCE_ROOT/run/reports/reports.pid" >>"$INSTANCE_ROOT/var/log/reports/reports.log" 2>&1 &
