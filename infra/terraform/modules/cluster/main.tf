resource "aws_ecs_cluster" "this" {
  name = var.name
}

locals {
  # One of each when there are instances at all.
  with_instances = var.instances == null ? {} : { instances = var.instances }
}

data "aws_ssm_parameter" "ecs_optimized" {
  for_each = local.with_instances

  name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/${each.value.architecture == "ARM64" ? "arm64/" : ""}recommended/image_id"
}

resource "aws_security_group" "instances" {
  for_each = local.with_instances

  name        = "${var.name}-instances"
  description = "Container instances of ${var.name}"
  vpc_id      = each.value.vpc_id

  tags = { Name = "${var.name}-instances" }
}

# Host port 0 lets Docker choose, so that old and new tasks fit on one instance: from this range.
resource "aws_vpc_security_group_ingress_rule" "dynamic_ports" {
  for_each = var.instances == null ? {} : var.instances.load_balancer_security_group_ids

  security_group_id            = aws_security_group.instances["instances"].id
  description                  = "Dynamic host ports, from ${each.key}"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 32768
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "instances" {
  for_each = local.with_instances

  security_group_id = aws_security_group.instances[each.key].id
  description       = "Images, logs and whatever the tasks call"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

data "aws_partition" "this" {}

# The provider knows where it has another ending, as in China.
data "aws_service_principal" "ec2" {
  service_name = "ec2"
}

data "aws_iam_policy_document" "trust_ec2" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.ec2.name]
    }
  }
}

resource "aws_iam_role" "instances" {
  for_each = local.with_instances

  name               = "${var.name}-instances"
  assume_role_policy = data.aws_iam_policy_document.trust_ec2.json
}

resource "aws_iam_role_policy_attachment" "instances" {
  for_each = local.with_instances

  role       = aws_iam_role.instances[each.key].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role"
}

resource "aws_iam_instance_profile" "instances" {
  for_each = local.with_instances

  name = "${var.name}-instances"
  role = aws_iam_role.instances[each.key].name
}

resource "aws_launch_template" "instances" {
  for_each = local.with_instances

  name          = "${var.name}-instances"
  image_id      = data.aws_ssm_parameter.ecs_optimized[each.key].insecure_value
  instance_type = each.value.type
  user_data = base64encode(<<-EOT
    #!/bin/bash
    echo ECS_CLUSTER=${aws_ecs_cluster.this.name} >>/etc/ecs/ecs.config
  EOT
  )
  update_default_version = true

  iam_instance_profile {
    arn = aws_iam_instance_profile.instances[each.key].arn
  }

  # Tasks in bridge mode are one hop further away than the instance itself.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }

  network_interfaces {
    associate_public_ip_address = each.value.public_ip
    security_groups             = [aws_security_group.instances[each.key].id]
  }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = "${var.name}-ecs" }
  }
}

resource "aws_autoscaling_group" "instances" {
  for_each = local.with_instances

  name                      = "${var.name}-instances"
  vpc_zone_identifier       = each.value.subnet_ids
  min_size                  = 1
  max_size                  = each.value.max
  desired_capacity          = each.value.count
  wait_for_capacity_timeout = "10m"

  launch_template {
    id      = aws_launch_template.instances[each.key].id
    version = aws_launch_template.instances[each.key].latest_version
  }

  lifecycle {
    ignore_changes = [desired_capacity]
  }
}
