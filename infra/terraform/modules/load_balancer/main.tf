locals {
  https           = var.domain != null
  production_port = local.https ? 443 : 80
  open_ports      = local.https ? { http = 80, https = 443 } : { http = 80 }
  # What is open to everybody is called by its scheme alone.
  people = {
    for pair in setproduct(keys(local.open_ports), var.cidrs) :
    pair[1] == "0.0.0.0/0" ? pair[0] : "${pair[0]} ${pair[1]}" => { scheme = pair[0], cidr = pair[1] }
  }
}

resource "aws_security_group" "this" {
  name        = "${var.name}-alb"
  description = "Load balancer ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-alb" }
}

resource "aws_vpc_security_group_ingress_rule" "people" {
  for_each = local.people

  security_group_id = aws_security_group.this.id
  description       = each.value.scheme
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = local.open_ports[each.value.scheme]
  to_port           = local.open_ports[each.value.scheme]
}

resource "aws_vpc_security_group_ingress_rule" "testers" {
  for_each = var.test_port == null ? [] : toset(var.test_cidrs)

  security_group_id = aws_security_group.this.id
  description       = "Test listener"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = var.test_port
  to_port           = var.test_port
}

resource "aws_vpc_security_group_egress_rule" "targets" {
  security_group_id = aws_security_group.this.id
  description       = "Targets and their health checks"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}

resource "aws_lb" "this" {
  name                       = var.name
  load_balancer_type         = "application"
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.this.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = var.deletion_protection
}

# Every deployment may rewrite the default action: Terraform only says what it is at first.

resource "aws_lb_listener" "production" {
  load_balancer_arn = aws_lb.this.arn
  port              = local.production_port
  protocol          = local.https ? "HTTPS" : "HTTP"
  certificate_arn   = local.certificate_arn
  ssl_policy        = local.https ? "ELBSecurityPolicy-TLS13-1-2-2021-06" : null

  dynamic "default_action" {
    for_each = var.forward_to == null ? [] : [var.forward_to.target_group_arn]
    content {
      type             = "forward"
      target_group_arn = default_action.value
    }
  }

  dynamic "default_action" {
    for_each = var.forward_to == null ? [404] : []
    content {
      type = "fixed-response"
      fixed_response {
        status_code  = default_action.value
        content_type = "text/plain"
      }
    }
  }

  lifecycle {
    ignore_changes = [default_action]
  }
}

resource "aws_lb_listener" "test" {
  count = var.test_port == null ? 0 : 1

  load_balancer_arn = aws_lb.this.arn
  port              = var.test_port
  protocol          = "HTTP"

  dynamic "default_action" {
    for_each = var.forward_to == null ? [] : [var.forward_to.target_group_arn]
    content {
      type             = "forward"
      target_group_arn = default_action.value
    }
  }

  dynamic "default_action" {
    for_each = var.forward_to == null ? [404] : []
    content {
      type = "fixed-response"
      fixed_response {
        status_code  = default_action.value
        content_type = "text/plain"
      }
    }
  }

  lifecycle {
    ignore_changes = [default_action]
  }
}

resource "aws_lb_listener" "redirect" {
  count = local.https ? 1 : 0

  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"
    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}
