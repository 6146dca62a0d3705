"""Parts of `bench.soak` and `bench.outages`: the places that are deployed to, and what goes wrong meanwhile."""
