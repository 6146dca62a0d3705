output "url" {
  value = module.load_balancer.url
}

output "discover" {
  description = "How Tealgate gets to know it."
  value       = "manage.py discover_environment shop/production --region ${module.service.region} --cluster ${module.service.cluster} --service ${module.service.service} --save"
}

output "region" {
  value = module.service.region
}

output "service" {
  value = module.service.service
}

output "cluster" {
  value = module.service.cluster
}
