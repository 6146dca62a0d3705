#!/bin/sh
cd "$INSTANCE_ROOT/srv/reports"
exec "${PYTHON:-python3}" -S -E probe.py "${HOST:-127.0.0.1}" 8000
