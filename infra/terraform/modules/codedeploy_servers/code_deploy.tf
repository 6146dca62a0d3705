resource "aws_codedeploy_app" "this" {
  name             = var.name
  compute_platform = "Server"
}

resource "aws_codedeploy_deployment_group" "this" {
  app_name               = aws_codedeploy_app.this.name
  deployment_group_name  = var.group
  service_role_arn       = aws_iam_role.code_deploy.arn
  deployment_config_name = coalesce(var.custom_deployment_config, var.deployment_config_name)
  autoscaling_groups     = aws_autoscaling_group.this[*].name

  # In place half of the instances leave the load balancer, are deployed to and come back, then the other half.
  deployment_style {
    deployment_type   = var.blue_green == null ? "IN_PLACE" : "BLUE_GREEN"
    deployment_option = "WITH_TRAFFIC_CONTROL"
  }

  load_balancer_info {
    target_group_info {
      name = aws_lb_target_group.this.name
    }
  }

  dynamic "blue_green_deployment_config" {
    for_each = var.blue_green[*]
    content {
      green_fleet_provisioning_option {
        action = "COPY_AUTO_SCALING_GROUP"
      }

      # STOP_DEPLOYMENT holds traffic back until Tealgate's gate lets it go; CONTINUE_DEPLOYMENT asks nobody.
      deployment_ready_option {
        action_on_timeout    = "STOP_DEPLOYMENT"
        wait_time_in_minutes = blue_green_deployment_config.value.ready_wait_minutes
      }

      terminate_blue_instances_on_deployment_success {
        action                           = "TERMINATE"
        termination_wait_time_in_minutes = blue_green_deployment_config.value.termination_wait_minutes
      }
    }
  }

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE"]
  }

  lifecycle {
    # Each blue/green deployment puts the copy here, under a name of its own.
    ignore_changes = [autoscaling_groups]
  }

  depends_on = [aws_iam_role_policy_attachment.code_deploy, aws_iam_role_policy.copying]
}
