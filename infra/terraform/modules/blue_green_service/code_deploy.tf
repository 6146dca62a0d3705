locals {
  with_code_deploy = var.controller == "CODE_DEPLOY" ? 1 : 0
}

# The provider knows where it has another ending, as in China.
data "aws_service_principal" "code_deploy" {
  service_name = "codedeploy"
}

data "aws_iam_policy_document" "trust_code_deploy" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.code_deploy.name]
    }
  }
}

resource "aws_iam_role" "code_deploy" {
  count = local.with_code_deploy

  name               = "${var.name}-codedeploy"
  assume_role_policy = data.aws_iam_policy_document.trust_code_deploy.json
}

resource "aws_iam_role_policy_attachment" "code_deploy" {
  count = local.with_code_deploy

  role       = aws_iam_role.code_deploy[0].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/AWSCodeDeployRoleForECS"
}

resource "aws_codedeploy_app" "this" {
  count = local.with_code_deploy

  name             = var.name
  compute_platform = "ECS"
}

resource "aws_codedeploy_deployment_group" "this" {
  count = local.with_code_deploy

  app_name               = aws_codedeploy_app.this[0].name
  deployment_group_name  = var.name
  service_role_arn       = aws_iam_role.code_deploy[0].arn
  deployment_config_name = coalesce(var.custom_deployment_config, var.deployment_config_name)

  deployment_style {
    deployment_type   = "BLUE_GREEN"
    deployment_option = "WITH_TRAFFIC_CONTROL"
  }

  ecs_service {
    cluster_name = var.cluster
    service_name = aws_ecs_service.code_deploy[0].name
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [var.listener_arns["production"]]
      }

      dynamic "test_traffic_route" {
        for_each = [for purpose, arn in var.listener_arns : arn if purpose == "test"]
        content {
          listener_arns = [test_traffic_route.value]
        }
      }

      target_group {
        name = aws_lb_target_group.this["blue"].name
      }

      target_group {
        name = aws_lb_target_group.this["green"].name
      }
    }
  }

  blue_green_deployment_config {
    # STOP_DEPLOYMENT holds traffic back until Tealgate's gate lets it go; CONTINUE_DEPLOYMENT asks nobody.
    deployment_ready_option {
      action_on_timeout    = "STOP_DEPLOYMENT"
      wait_time_in_minutes = var.ready_wait_minutes
    }

    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = var.termination_wait_minutes
    }
  }

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]
  }

  alarm_configuration {
    enabled = true
    alarms  = values(aws_cloudwatch_metric_alarm.errors)[*].alarm_name
  }

  depends_on = [aws_iam_role_policy_attachment.code_deploy]
}
