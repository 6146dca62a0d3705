"""Parts of `bench.soak`: the places that are deployed to, and what goes wrong meanwhile."""
