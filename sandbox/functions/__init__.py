"""AWS Lambda, far enough for the hooks of deployments: functions that are Python code or callables, run as asked.

model     a function, and one run of it
store     all of them, by region and name; their runs
api       the REST API
runner    the process that runs a function made by the API
"""
