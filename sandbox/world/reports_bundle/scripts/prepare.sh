#!/bin/sh
# What root has to do, so that the rest can run as a user without rights.
useradd --system reports 2>/dev/null
set -e
for folder in run var/log; do
    mkdir -p "$INSTANCE_ROOT/$folder/reports"
    chown reports:reports "/$folder/reports"
done
