"""The forge is told: GitHub's deployments and commit statuses, GitLab's environments; and GitHub's jobs wait for us.

An event of a deployment makes its row due (`receiving`). A worker claims the row (`telling`), sees what is to be known
by now (`notices`, `states`), decides on the next step (`deciding`), notes that it is about to take it, takes it
(`github`, `gitlab`, over `calling`), and records. Killed in between, the next one finds by reading whether it came
through. What the forge answers becomes a sentence and a pause (`troubles`): of this one deployment, of the repository
or of the whole connection, so that a forge that does not answer costs one request each half hour.

A job of GitHub Actions that targets an environment asks (`asking`) whether it may go on; `judging` answers from what
people decided at the gates here, and `answering` tells it.
"""
