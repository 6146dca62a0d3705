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
  description = "The one made here; null once a blue/green deployment has replaced it."
  value       = one(aws_autoscaling_group.this[*].name)
}

output "remove_copy" {
  description = "Of blue_green: what to run before destroy, since the copy is CodeDeploy's and Terraform does not know it."
  value = join(" ", [
    "aws autoscaling delete-auto-scaling-group --force-delete --region ${data.aws_region.this.name} --auto-scaling-group-name",
    "\"$(aws deploy get-deployment-group --region ${data.aws_region.this.name}",
    "--application-name ${aws_codedeploy_app.this.name} --deployment-group-name ${var.group}",
    "--query 'deploymentGroupInfo.autoScalingGroups[0].name' --output text)\"",
  ])
}

output "target_group_arn" {
  value = aws_lb_target_group.this.arn
}
