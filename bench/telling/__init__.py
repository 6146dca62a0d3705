"""Parts of `bench.told`."""
