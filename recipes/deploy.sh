#!/bin/sh
# For Travis and every other CI with a shell: builds, pushes, registers, deploys, and fails unless the release is live.
#   REPOSITORY_URI  such as 111111111111.dkr.ecr.eu-central-1.amazonaws.com/storefront, to which docker is signed in
#   VERSION         such as the commit
#   TEALGATE_URL, TEALGATE_TOKEN
# ci/tealgate.pyz is what `make client` in Tealgate's repository made, kept in yours.
set -eu
docker build --tag "$REPOSITORY_URI:$VERSION" .
docker push "$REPOSITORY_URI:$VERSION"
pushed=$(docker inspect --format '{{index .RepoDigests 0}}' "$REPOSITORY_URI:$VERSION")
exec python3 ci/tealgate.pyz deploy storefront/staging "$VERSION" --image web="$pushed"
