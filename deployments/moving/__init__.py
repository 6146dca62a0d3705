"""Moving house: a service of CodeDeploy, or one that is rolled, comes to ECS's own traffic shift. Values in, words out.

`reading.house` reads what is there, `planning.plan` says what would change, `forward.next_step` and `back.next_step`
decide on one write at a time. No Django in here.
"""
