#!/bin/sh
echo "Running migrations for $APPLICATION_NAME in $DEPLOYMENT_GROUP_NAME"
echo "  Applying reports.0004_monthly_totals... OK"
