# What a deployment writes, Terraform reads no more after it was made: the rules' weights.

locals {
  # CodeDeploy swaps the listener's default action instead.
  ruled = lookup({ SERVICE_PAIR = ["production", "test"], ROLLING = ["production"] }, var.controller, [])
  rules = { for purpose, arn in var.listener_arns : purpose => arn if contains(local.ruled, purpose) }
}

resource "aws_lb_listener_rule" "this" {
  for_each = local.rules

  listener_arn = each.value
  priority     = var.rule_priority

  condition {
    path_pattern {
      values = var.path_patterns
    }
  }

  dynamic "action" {
    for_each = var.controller == "SERVICE_PAIR" ? ["weighted"] : []
    content {
      type = "forward"
      forward {
        target_group {
          arn    = aws_lb_target_group.this["blue"].arn
          weight = 1
        }
        target_group {
          arn    = aws_lb_target_group.this["green"].arn
          weight = 0
        }
      }
    }
  }

  dynamic "action" {
    for_each = var.controller == "ROLLING" ? ["one"] : []
    content {
      type             = "forward"
      target_group_arn = aws_lb_target_group.this["blue"].arn
    }
  }

  lifecycle {
    ignore_changes = [action]
  }
}

resource "aws_security_group" "tasks" {
  count = local.fargate ? 1 : 0

  name        = "${var.name}-tasks"
  description = "Tasks of ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-tasks" }
}

resource "aws_vpc_security_group_ingress_rule" "tasks" {
  count = local.fargate ? 1 : 0

  security_group_id            = aws_security_group.tasks[0].id
  description                  = "The load balancer"
  referenced_security_group_id = var.load_balancer_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.container_port
  to_port                      = var.container_port
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  count = local.fargate ? 1 : 0

  security_group_id = aws_security_group.tasks[0].id
  description       = "Images, secrets, logs and whatever the application calls"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

# Tealgate watches these while traffic moves.
resource "aws_cloudwatch_metric_alarm" "errors" {
  for_each = aws_lb_target_group.this

  alarm_name          = "${each.value.name}-5xx"
  alarm_description   = "Targets of ${each.value.name} answer 5xx"
  namespace           = "AWS/ApplicationELB"
  metric_name         = "HTTPCode_Target_5XX_Count"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 5
  comparison_operator = "GreaterThanOrEqualToThreshold"
  treat_missing_data  = "notBreaching"

  dimensions = {
    # …:listener/app/NAME/ID/LISTENER
    LoadBalancer = join("/", slice(split("/", var.listener_arns["production"]), 1, 4))
    TargetGroup  = each.value.arn_suffix
  }
}
