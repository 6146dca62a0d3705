data "aws_region" "this" {}
data "aws_partition" "this" {}

locals {
  fargate = var.launch_type == "FARGATE"
  # Two fixed places. Which of them is live is in the listener's weights, and changes with every deployment.
  slots = var.controller == "ROLLING" ? ["blue"] : ["blue", "green"]
  logging = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.this.name
      awslogs-region        = data.aws_region.this.name
      awslogs-stream-prefix = var.name
    }
  }
}

resource "aws_lb_target_group" "this" {
  for_each = toset(local.slots)

  name                 = var.controller == "ROLLING" ? var.name : "${var.name}-${each.key}"
  vpc_id               = var.vpc_id
  target_type          = local.fargate ? "ip" : "instance"
  protocol             = "HTTP"
  port                 = var.container_port
  deregistration_delay = var.deregistration_delay

  health_check {
    path                = var.health_check.path
    matcher             = var.health_check.matcher
    interval            = var.health_check.interval
    timeout             = var.health_check.timeout
    healthy_threshold   = var.health_check.healthy
    unhealthy_threshold = var.health_check.unhealthy
  }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_retention_days
}

# The first revision. Those after it are registered by Tealgate from the one that is live, so that a change here
# reaches the service only when somebody deploys it.
resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = [var.launch_type]
  network_mode             = local.fargate ? "awsvpc" : "bridge"
  cpu                      = local.fargate ? var.cpu : null
  memory                   = local.fargate ? var.memory : null
  execution_role_arn       = local.roles.execution_arn
  task_role_arn            = local.roles.task_arn
  # A change makes another revision beside it: services still run this one, and roll back to it.
  skip_destroy = true

  dynamic "volume" {
    for_each = var.volumes

    content {
      name = volume.value
    }
  }

  runtime_platform {
    cpu_architecture        = var.architecture
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode(concat([merge({
    name             = var.container_name
    image            = var.image
    essential        = true
    cpu              = var.cpu
    memory           = var.memory
    portMappings     = [{ containerPort = var.container_port, hostPort = local.fargate ? var.container_port : 0, protocol = "tcp" }]
    environment      = [for name in sort(keys(var.environment)) : { name = name, value = var.environment[name] }]
    secrets          = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
    logConfiguration = local.logging
  }, var.container)], [for each_ in var.containers : merge({ logConfiguration = local.logging }, each_)]))
}
