# Begins with no task and an empty registry. HTTPS for people, plain HTTP for trying a release, and a pipeline that takes
# its source from GitHub by a token.

resource "aws_cloudwatch_log_group" "cart" {
  name              = "/cart"
  retention_in_days = 14
}

resource "aws_ecr_repository" "cart" {
  name                 = "cart"
  image_tag_mutability = "MUTABLE"
  force_delete         = true

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecs_cluster" "cart" {
  name = "cart"

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_task_definition" "cart" {
  family                   = "cart"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.cart["ecs-tasks"].arn

  container_definitions = jsonencode([
    {
      name         = "cart"
      image        = "${aws_ecr_repository.cart.repository_url}:latest"
      essential    = true
      portMappings = [{ containerPort = 8000, protocol = "tcp" }]
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.cart.name
          awslogs-region        = "ap-northeast-2"
          awslogs-stream-prefix = "cart"
        }
      }
    }
  ])
}

resource "aws_lb_target_group" "cart" {
  for_each = toset(["blue", "green"])

  name             = "cart-${each.key}"
  port             = 8000
  protocol         = "HTTP"
  protocol_version = "HTTP1"
  target_type      = "ip"
  vpc_id           = aws_vpc.this.id

  health_check {
    path                = "/healthz"
    interval            = 30
    timeout             = 20
    healthy_threshold   = 5
    unhealthy_threshold = 2
  }
}

resource "aws_lb" "cart" {
  name            = "cart"
  security_groups = [aws_security_group.balancer.id]

  dynamic "subnet_mapping" {
    for_each = aws_subnet.this

    content {
      subnet_id = subnet_mapping.value.id
    }
  }
}

resource "aws_lb_listener" "cart" {
  load_balancer_arn = aws_lb.cart.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arns[0]

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.cart["blue"].arn
  }

  lifecycle {
    ignore_changes = [default_action]
  }
}

resource "aws_lb_listener_certificate" "cart" {
  listener_arn    = aws_lb_listener.cart.arn
  certificate_arn = var.certificate_arns[1]
}

resource "aws_lb_listener" "cart_test" {
  load_balancer_arn = aws_lb.cart.arn
  port              = 8080
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.cart["green"].arn
  }

  lifecycle {
    ignore_changes = [default_action]
  }
}

resource "aws_lb_listener" "cart_plain" {
  load_balancer_arn = aws_lb.cart.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_ecs_service" "cart" {
  name                              = "cart"
  cluster                           = aws_ecs_cluster.cart.id
  task_definition                   = aws_ecs_task_definition.cart.arn
  desired_count                     = 0
  launch_type                       = "FARGATE"
  health_check_grace_period_seconds = 60

  deployment_controller {
    type = "CODE_DEPLOY"
  }

  network_configuration {
    subnets          = aws_subnet.this[*].id
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = true
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.cart["blue"].arn
    container_name   = "cart"
    container_port   = 8000
  }

  lifecycle {
    ignore_changes = [desired_count, load_balancer, task_definition]
  }

  depends_on = [aws_lb_listener.cart, aws_lb_listener.cart_test]
}
