output "deployer" {
  description = "For the environment's settings in Tealgate, and for the variable of that name of our examples."
  value       = { role_arn = aws_iam_role.this.arn, external_id = var.external_id }
}
