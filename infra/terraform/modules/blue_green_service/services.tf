# One resource for each controller: what deployments write, and Terraform must not write back, differs.

locals {
  in_pair = var.controller == "SERVICE_PAIR" ? { blue = var.desired_count, green = 0 } : {}
  network = local.fargate ? [aws_security_group.tasks[0].id] : []
  # By name, whether it idles at first.
  services = var.controller == "SERVICE_PAIR" ? { "${var.name}-blue" = false, "${var.name}-green" = true } : { (var.name) = false }
  scaled   = var.max_count == null ? {} : local.services
}

resource "aws_ecs_service" "pair" {
  for_each = local.in_pair

  name                              = "${var.name}-${each.key}"
  cluster                           = var.cluster
  task_definition                   = aws_ecs_task_definition.this.arn
  launch_type                       = var.launch_type
  desired_count                     = each.value
  health_check_grace_period_seconds = var.health_check_grace_period

  load_balancer {
    target_group_arn = aws_lb_target_group.this[each.key].arn
    container_name   = var.container_name
    container_port   = var.container_port
  }

  dynamic "network_configuration" {
    for_each = local.network
    content {
      subnets          = var.subnet_ids
      security_groups  = [network_configuration.value]
      assign_public_ip = var.assign_public_ip
    }
  }

  lifecycle {
    ignore_changes = [task_definition, desired_count]
  }

  # A target group takes targets only once a listener sends it some.
  depends_on = [aws_lb_listener_rule.this, aws_iam_role_policy_attachment.execution, aws_iam_role_policy.secrets]
}

resource "aws_ecs_service" "rolling" {
  count = var.controller == "ROLLING" ? 1 : 0

  name                              = var.name
  cluster                           = var.cluster
  task_definition                   = aws_ecs_task_definition.this.arn
  launch_type                       = var.launch_type
  desired_count                     = var.desired_count
  health_check_grace_period_seconds = var.health_check_grace_period

  load_balancer {
    target_group_arn = aws_lb_target_group.this["blue"].arn
    container_name   = var.container_name
    container_port   = var.container_port
  }

  dynamic "network_configuration" {
    for_each = local.network
    content {
      subnets          = var.subnet_ids
      security_groups  = [network_configuration.value]
      assign_public_ip = var.assign_public_ip
    }
  }

  # ECS's own roll back, for the night that nobody is there.
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  lifecycle {
    ignore_changes = [task_definition, desired_count]
  }

  depends_on = [aws_lb_listener_rule.this, aws_iam_role_policy_attachment.execution, aws_iam_role_policy.secrets]
}

resource "aws_ecs_service" "code_deploy" {
  count = var.controller == "CODE_DEPLOY" ? 1 : 0

  name                              = var.name
  cluster                           = var.cluster
  task_definition                   = aws_ecs_task_definition.this.arn
  launch_type                       = var.launch_type
  desired_count                     = var.desired_count
  health_check_grace_period_seconds = var.health_check_grace_period

  deployment_controller {
    type = "CODE_DEPLOY"
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.this["blue"].arn
    container_name   = var.container_name
    container_port   = var.container_port
  }

  dynamic "network_configuration" {
    for_each = local.network
    content {
      subnets          = var.subnet_ids
      security_groups  = [network_configuration.value]
      assign_public_ip = var.assign_public_ip
    }
  }

  lifecycle {
    # Each deployment makes a task set of its own, which brings all of these along.
    ignore_changes = [task_definition, desired_count, load_balancer, network_configuration, platform_version]
  }

  # The listener has to forward to the target group before ECS takes it.
  depends_on = [var.listener_arns, aws_iam_role_policy_attachment.execution, aws_iam_role_policy.secrets]
}

resource "aws_appautoscaling_target" "this" {
  for_each = local.scaled

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster}/${each.key}"
  min_capacity       = var.desired_count
  max_capacity       = var.max_count

  # Otherwise the idle slot would be filled up at once.
  suspended_state {
    dynamic_scaling_in_suspended  = each.value
    dynamic_scaling_out_suspended = each.value
    scheduled_scaling_suspended   = each.value
  }

  lifecycle {
    # Tealgate hands it over from slot to slot.
    ignore_changes = [suspended_state]
  }

  depends_on = [aws_ecs_service.pair, aws_ecs_service.rolling, aws_ecs_service.code_deploy]
}

resource "aws_appautoscaling_policy" "cpu" {
  for_each = aws_appautoscaling_target.this

  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  scalable_dimension = each.value.scalable_dimension
  resource_id        = each.value.resource_id

  target_tracking_scaling_policy_configuration {
    target_value = 60

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}
