"""What speaks for a release and what against it: one watch for all controllers."""
