"""Messages to the services that apprise knows: it knows how each takes one, we how a request is made.

Importing apprise and all of its services takes 0.7 s and 25 MiB, so only whoever sends does, and late.
"""
