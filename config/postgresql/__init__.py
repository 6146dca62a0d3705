"""Django's PostgreSQL backend, which reads the password again when the server refuses the one it has (`base`).

Its name stands in DATABASES: a password that is rotated while Tealgate runs, as RDS does with the secrets that it
manages, is then no outage.
"""
