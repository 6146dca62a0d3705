output "name" {
  value = aws_ecs_cluster.this.name

  # A service that is made before there is an instance only waits, but destroying goes in the reverse order:
  # the instances stay until the last task is gone.
  depends_on = [aws_autoscaling_group.instances, aws_vpc_security_group_ingress_rule.dynamic_ports]
}

output "arn" {
  value = aws_ecs_cluster.this.arn
}

output "instances_security_group_id" {
  description = "What the instances have, for whatever is to let them in; null without."
  value       = one(values(aws_security_group.instances)[*].id)
}
