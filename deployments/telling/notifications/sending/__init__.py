"""Messages on their way: claimed, handed to a service, and what came of it written down.

A row is claimed as a deployment is, by a conditional UPDATE that sets a lease. Whoever is killed before the answer is
written down leaves a row that is sent again once the lease is over: at least once, and marked where nobody can know.
"""
