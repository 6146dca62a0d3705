#!/bin/sh
# What root has to do, so that the rest can run as the user that the launch template makes.
set -e
for folder in run var/log; do
    mkdir -p "$INSTANCE_ROOT/$folder/reports"
    chown reports:reports "/$folder/reports"
done
