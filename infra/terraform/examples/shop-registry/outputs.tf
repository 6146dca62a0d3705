output "repository_url" {
  value = module.registry.repository_url
}

output "push_role_arn" {
  value = module.registry.push_role_arn
}

output "provider_arn" {
  value = module.registry.provider_arn
}
