# Two teams' services in one account and region, each kept as its team would: resources alone, no module of ours.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = "ap-northeast-2"
}

variable "certificate_arns" {
  description = "The cart's default certificate, and one by name."
  type        = list(string)
}

data "aws_availability_zones" "here" {}

resource "aws_vpc" "this" {
  cidr_block           = "10.20.0.0/16"
  enable_dns_hostnames = true
}

resource "aws_subnet" "this" {
  count = 2

  vpc_id            = aws_vpc.this.id
  availability_zone = data.aws_availability_zones.here.names[count.index]
  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 8, count.index)
}

resource "aws_security_group" "balancer" {
  name   = "balancer"
  vpc_id = aws_vpc.this.id

  dynamic "ingress" {
    for_each = [80, 443, 8080]

    content {
      protocol    = "tcp"
      from_port   = ingress.value
      to_port     = ingress.value
      cidr_blocks = ["0.0.0.0/0"]
    }
  }

  egress {
    protocol    = "-1"
    from_port   = 0
    to_port     = 0
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "tasks" {
  name   = "tasks"
  vpc_id = aws_vpc.this.id

  ingress {
    protocol        = "tcp"
    from_port       = 3000
    to_port         = 8000
    security_groups = [aws_security_group.balancer.id]
  }
}

output "discover" {
  value = {
    for name, group in { cart = aws_codedeploy_deployment_group.cart, search = aws_codedeploy_deployment_group.search } :
    name => join(" ", [
      "manage.py discover_environment ${name}/production",
      "--region ${data.aws_availability_zones.here.id}",
      "--codedeploy-application ${group.app_name}",
      "--codedeploy-group ${group.deployment_group_name}",
      "--save",
    ])
  }
}
