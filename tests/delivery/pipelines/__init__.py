"""CodePipeline waits for what becomes of a deployment."""
