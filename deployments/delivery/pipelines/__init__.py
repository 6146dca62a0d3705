"""Telling CodePipeline what became of a deployment, so that no build has to wait for people.

A pipeline waits in an action for manual approval, for days if need be. When a deployment is requested where an
environment names such an action, a row is made with it, and no later write is needed: that the deployment has ended (or
that all of its gates were approved) is what makes the row due. A worker claims it, reads what waits, decides, notes for
which execution it is about to answer, answers, and records. Killed in between, the next one finds by reading whether
the answer came through: it carries the deployment's key.

AWS is asked for the token right before it is used, and the token is kept nowhere. Messages of SNS, which have it too,
are not needed then: nothing has to be subscribed, and none can be lost, forged or delivered twice.

Nobody decides here. It is told on what people and the engine decided.
"""
