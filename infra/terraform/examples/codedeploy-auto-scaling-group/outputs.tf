locals {
  as_deployer = var.deployer == null ? [] : compact([
    "--role-arn", var.deployer.role_arn, var.deployer.external_id == "" ? "" : "--external-id", var.deployer.external_id,
  ])
}

output "url" {
  value = module.load_balancer.url
}

output "discover" {
  description = "How Tealgate gets to know it."
  value = join(" ", concat([
    "manage.py discover_environment reports/production",
    "--region ${module.servers.region}",
    "--codedeploy-application ${module.servers.codedeploy_application}",
    "--codedeploy-group ${module.servers.codedeploy_group}",
    ], local.as_deployer, ["--save"],
  ))
}

output "region" {
  value = module.servers.region
}

output "release_bucket" {
  value = aws_s3_bucket.releases.id
}

output "codedeploy_application" {
  value = module.servers.codedeploy_application
}

output "codedeploy_group" {
  value = module.servers.codedeploy_group
}

output "auto_scaling_group" {
  value = module.servers.auto_scaling_group
}

output "remove_copy" {
  description = "With blue_green: to be run before destroy."
  value       = module.servers.remove_copy
}

output "role_arn" {
  description = "Null when Tealgate has the rights by itself."
  value       = try(var.deployer.role_arn, null)
}
