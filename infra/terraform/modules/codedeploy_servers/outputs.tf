output "region" {
  value = data.aws_region.this.name
}

output "codedeploy_application" {
  value = aws_codedeploy_app.this.name
}

output "codedeploy_group" {
  value = aws_codedeploy_deployment_group.this.deployment_group_name
}

output "auto_scaling_group" {
  value = aws_autoscaling_group.this.name
}

output "target_group_arn" {
  value = aws_lb_target_group.this.arn
}
