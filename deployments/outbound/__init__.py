"""HTTP that Tealgate sends of its own accord, only to places that an environment or application names.

`fetching` sends one request within limits (`addresses`, `wire`, `unpacking`), `images` reads image references,
`registry` asks container registries, `smoke` tries a new release before people are asked about it (with `headers`,
`staying` and `wrong_status`), `webhook` tells other programs.
AWS is spoken to elsewhere (`deployments.aws`). No Django in here.
"""
