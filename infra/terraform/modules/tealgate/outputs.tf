locals {
  run_migrate = join(" ", concat([
    "aws ecs run-task --region ${data.aws_region.this.name} --cluster ${var.cluster} --launch-type ${var.launch_type}",
    "--task-definition ${aws_ecs_task_definition.migrate.family}",
    ], [
    for group in aws_security_group.tasks[*].id :
    "--network-configuration 'awsvpcConfiguration={subnets=[${join(",", var.subnet_ids)}],securityGroups=[${group}]}'"
  ]))
}

output "region" {
  value = data.aws_region.this.name
}

output "cluster" {
  value = var.cluster
}

output "web_service" {
  description = "Of a pair one, whose other Tealgate finds."
  value       = module.web.service
}

output "worker_service" {
  value = aws_ecs_service.worker.name
}

output "task_role_arn" {
  description = "Who Tealgate is: tealgate_role_arn of every deployer."
  value       = aws_iam_role.task.arn
}

output "execution_role_arn" {
  value = aws_iam_role.execution.arn
}

output "events_queue_arn" {
  description = "Where AWS tells of alarms: target_arn of alarm_events in other accounts, same region."
  value       = local.events_queue_arn
}

output "web_names" {
  description = "names of the deployer for web, but for repository."
  value = {
    cluster = var.cluster, service = var.controller == "ROLLING" ? "${var.name}-web" : "${var.name}-web-*", family = module.web.task_definition_family, log_group = module.web.log_group
  }
}

output "web_rules" {
  description = "rules of the deployer for web; null for ROLLING."
  value       = module.web.rules
}

output "worker_names" {
  description = "names of the deployer for worker, but for repository."
  value = {
    cluster   = var.cluster, service = aws_ecs_service.worker.name, family = aws_ecs_task_definition.worker.family,
    log_group = aws_cloudwatch_log_group.this.name
  }
}

output "migrate" {
  description = "Makes the tables and the groups: once, before the first sign-in."
  value       = local.run_migrate
}

output "first_account" {
  description = "Makes the account admin, after that."
  value = "${local.run_migrate} --overrides '${jsonencode({ containerOverrides = [{
    name    = "migrate"
    command = ["python", "manage.py", "createsuperuser", "--noinput", "--username", "admin", "--email", "admin@${var.host}"]
  }] })}'"
}

output "first_password" {
  description = "Shows its password."
  value       = "aws secretsmanager get-secret-value --region ${data.aws_region.this.name} --query SecretString --output text --secret-id ${aws_secretsmanager_secret.first_password.arn}"
}

output "database_endpoint" {
  value = aws_db_instance.this.endpoint
}
