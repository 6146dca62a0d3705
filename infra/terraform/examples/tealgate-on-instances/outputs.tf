output "url" {
  value = module.load_balancer.url
}

output "dns_name" {
  description = "Where a record that you keep yourself points to."
  value       = module.load_balancer.dns_name
}

output "migrate" {
  description = "To be run first: tables and groups."
  value       = module.tealgate.migrate
}

output "first_account" {
  description = "To be run second: the account admin."
  value       = module.tealgate.first_account
}

output "first_password" {
  description = "Shows the password of admin."
  value       = module.tealgate.first_password
}

output "task_role_arn" {
  description = "tealgate_role_arn of the deployer of each of your environments."
  value       = module.tealgate.task_role_arn
}

output "events_queue_arn" {
  description = "target_arn of alarm_events in your other accounts of this region."
  value       = module.tealgate.events_queue_arn
}

output "discover" {
  description = "How Tealgate gets to know its own web servers."
  value = join(" ", [
    "manage.py discover_environment tealgate/web",
    "--region ${module.tealgate.region} --cluster ${module.tealgate.cluster} --service ${module.tealgate.web_service}",
    "--role-arn ${module.web_deployer.deployer.role_arn} --external-id ${module.web_deployer.deployer.external_id} --save",
  ])
}

output "discover_worker" {
  description = "How Tealgate gets to know its own workers."
  value = join(" ", [
    "manage.py discover_environment tealgate-worker/worker",
    "--region ${module.tealgate.region} --cluster ${module.tealgate.cluster} --service ${module.tealgate.worker_service}",
    "--role-arn ${module.worker_deployer.deployer.role_arn} --external-id ${module.worker_deployer.deployer.external_id} --save",
  ])
}
