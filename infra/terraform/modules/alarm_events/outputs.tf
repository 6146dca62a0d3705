output "rule_arn" {
  value = aws_cloudwatch_event_rule.this.arn
}

output "role_arn" {
  description = "Who sends, when the queue is another account's: one of event_roles of the module tealgate. Otherwise null."
  value       = one(aws_iam_role.this[*].arn)
}
