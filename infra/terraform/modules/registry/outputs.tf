output "repository_url" {
  description = "What images are called, before the colon."
  value       = aws_ecr_repository.this.repository_url
}

output "repository_arn" {
  value = aws_ecr_repository.this.arn
}

output "push_role_arn" {
  description = "role-to-assume of aws-actions/configure-aws-credentials; null without github."
  value       = one(aws_iam_role.push[*].arn)
}

output "provider_arn" {
  description = "GitHub's OIDC provider, for further repositories of this account."
  value       = local.provider_arn
}
