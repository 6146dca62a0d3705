"""AWS on one machine: the API, real processes as tasks, real sockets as load balancers. See ``sandbox.server``."""

from sandbox import models_once as models_once
