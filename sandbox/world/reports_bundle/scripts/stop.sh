#!/bin/sh
# Ask the server to end, and wait until it has: it takes its pid file along.
pid_file="$INSTANCE_ROOT/run/reports/reports.pid"
[ -f "$pid_file" ] || exit 0
kill "$(cat "$pid_file")" 2>/dev/null || { rm -f "$pid_file"; exit 0; }
for _ in $(seq 100); do
    [ -f "$pid_file" ] || exit 0
    sleep 0.05
done
echo "The server did not end within 5 seconds."
exit 1
