"""AWS on one machine: the API, real processes as tasks, real sockets as load balancers. See ``sandbox.server``."""
