data "aws_region" "this" {}
data "aws_partition" "this" {}

data "aws_ssm_parameter" "amazon_linux" {
  count = var.image_id == null ? 1 : 0

  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
}

locals {
  image_id = var.image_id == null ? data.aws_ssm_parameter.amazon_linux[0].insecure_value : var.image_id
}

resource "aws_security_group" "this" {
  name        = "${var.name}-instances"
  description = "Instances of ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-instances" }
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  security_group_id            = aws_security_group.this.id
  description                  = "The load balancer"
  referenced_security_group_id = var.load_balancer_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = var.port
  to_port                      = var.port
}

resource "aws_vpc_security_group_egress_rule" "this" {
  security_group_id = aws_security_group.this.id
  description       = "CodeDeploy, S3 and whatever the application calls"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_lb_target_group" "this" {
  name                 = var.name
  vpc_id               = var.vpc_id
  target_type          = "instance"
  protocol             = "HTTP"
  port                 = var.port
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

resource "aws_launch_template" "this" {
  name          = var.name
  image_id      = local.image_id
  instance_type = var.instance_type
  user_data = base64encode(<<-EOT
    #!/bin/bash
    # Amazon Linux 2023 comes without the CodeDeploy agent.
    set -euo pipefail
    systemctl is-active --quiet codedeploy-agent && exit
    dnf install -y ruby wget
    cd "$(mktemp -d)"
    wget -q https://aws-codedeploy-${data.aws_region.this.name}.s3.${data.aws_region.this.name}.${data.aws_partition.this.dns_suffix}/latest/install
    ruby install auto
  EOT
  )
  update_default_version = true

  iam_instance_profile {
    arn = aws_iam_instance_profile.this.arn
  }

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  network_interfaces {
    associate_public_ip_address = var.assign_public_ip
    security_groups             = [aws_security_group.this.id]
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = var.name }
  }
}

resource "aws_autoscaling_group" "this" {
  count = try(var.blue_green.first_group, true) ? 1 : 0

  name                = var.name
  vpc_zone_identifier = var.subnet_ids
  min_size            = var.instances.min
  max_size            = var.instances.max
  desired_capacity    = var.instances.desired
  target_group_arns   = [aws_lb_target_group.this.arn]

  # Before the first release there is nothing on the instances that could be healthy: with ELB's checks Auto Scaling
  # would replace them forever.
  health_check_type = "EC2"

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  lifecycle {
    ignore_changes = [desired_capacity]
  }
}
