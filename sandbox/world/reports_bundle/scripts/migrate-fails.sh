#!/bin/sh
echo "Running migrations for $APPLICATION_NAME in $DEPLOYMENT_GROUP_NAME"
echo "django.db.utils.IntegrityError: could not create unique index: Key (month)=(2026-02) is duplicated."
exit 1
