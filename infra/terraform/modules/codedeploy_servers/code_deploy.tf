resource "aws_codedeploy_app" "this" {
  name             = var.name
  compute_platform = "Server"
}

resource "aws_codedeploy_deployment_group" "this" {
  app_name               = aws_codedeploy_app.this.name
  deployment_group_name  = var.group
  service_role_arn       = aws_iam_role.code_deploy.arn
  deployment_config_name = var.deployment_config_name
  autoscaling_groups     = [aws_autoscaling_group.this.name]

  # Half of the instances leave the load balancer, are deployed to and come back, then the other half.
  deployment_style {
    deployment_type   = "IN_PLACE"
    deployment_option = "WITH_TRAFFIC_CONTROL"
  }

  load_balancer_info {
    target_group_info {
      name = aws_lb_target_group.this.name
    }
  }

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE"]
  }

  depends_on = [aws_iam_role_policy_attachment.code_deploy]
}
