output "url" {
  value = module.load_balancer.url
}

output "test_url" {
  value = module.load_balancer.test_url
}

output "discover" {
  description = "How Tealgate gets to know it."
  value       = "manage.py discover_environment shop/production --region ${module.service.region} --codedeploy-application ${module.service.codedeploy_application} --codedeploy-group ${module.service.codedeploy_group} --save"
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

output "codedeploy_application" {
  value = module.service.codedeploy_application
}

output "codedeploy_group" {
  value = module.service.codedeploy_group
}
