locals {
  as_deployer = var.deployer == null ? [] : compact([
    "--role-arn", var.deployer.role_arn, var.deployer.external_id == "" ? "" : "--external-id", var.deployer.external_id,
  ])
}

output "url" {
  value = module.load_balancer.url
}

output "test_url" {
  value = module.load_balancer.test_url
}

output "dns_name" {
  description = "Where a record that you keep yourself points to."
  value       = module.load_balancer.dns_name
}

output "name_servers" {
  description = "With create_zone: for the registrar."
  value       = module.load_balancer.name_servers
}

output "discover" {
  description = "How Tealgate gets to know it."
  value = join(" ", concat([
    "manage.py discover_environment shop/production",
    "--region ${module.service.region}",
    "--cluster ${module.service.cluster}",
    "--service ${module.service.service}",
    ], local.as_deployer, ["--save"],
  ))
}

output "region" {
  value = module.service.region
}

output "cluster" {
  value = module.service.cluster
}

output "service" {
  value = module.service.service
}

output "role_arn" {
  description = "Null when Tealgate has the rights by itself."
  value       = try(var.deployer.role_arn, null)
}
