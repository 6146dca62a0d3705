output "region" {
  value = data.aws_region.this.name
}

output "cluster" {
  value = var.cluster
}

output "service" {
  description = "Name to give to Tealgate; of a pair, one of the two: it finds the other."
  value       = var.controller == "SERVICE_PAIR" ? aws_ecs_service.pair["blue"].name : one(concat(aws_ecs_service.code_deploy, aws_ecs_service.rolling)[*].name)
}

output "services" {
  description = "Every service there is."
  value       = concat(values(aws_ecs_service.pair), aws_ecs_service.code_deploy, aws_ecs_service.rolling)[*].name
}

output "codedeploy_application" {
  description = "Null unless CODE_DEPLOY."
  value       = one(aws_codedeploy_app.this[*].name)
}

output "codedeploy_group" {
  description = "Null unless CODE_DEPLOY."
  value       = one(aws_codedeploy_deployment_group.this[*].deployment_group_name)
}

output "target_group_arns" {
  description = "By slot: blue and green; of a rolling service blue alone."
  value       = { for slot, group in aws_lb_target_group.this : slot => group.arn }
}

output "task_definition_family" {
  value = aws_ecs_task_definition.this.family
}

output "pass_role_arns" {
  description = "Roles that whoever deploys has to be able to pass to ecs-tasks.amazonaws.com."
  value       = [local.roles.task_arn, local.roles.execution_arn]
}

output "security_group_id" {
  description = "What Fargate tasks have; null on EC2, where the instances' is."
  value       = one(aws_security_group.tasks[*].id)
}

output "log_group" {
  value = aws_cloudwatch_log_group.this.name
}

output "alarms" {
  value = values(aws_cloudwatch_metric_alarm.errors)[*].alarm_name
}

output "rules" {
  description = "SERVICE_PAIR: rules of the deployer, the only ones that a deployment writes."
  value = var.controller != "SERVICE_PAIR" ? null : {
    production = aws_lb_listener_rule.this["production"].arn
    test       = try(aws_lb_listener_rule.this["test"].arn, null)
  }
}
