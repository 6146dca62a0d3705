"""Blue/green on ECS: a replacement task set in the other target group, traffic by the listeners."""
