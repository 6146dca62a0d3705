# Begins with an image that is only there to begin with. Plain HTTP without a test listener; AWS's own policies are looked
# up by name, and the cluster's capacity providers say where tasks run.

data "aws_iam_policy" "aws" {
  for_each = toset(["AmazonECSTaskExecutionRolePolicy", "AWSCodeDeployFullAccess", "AWSCodeDeployRole"])

  name = each.key
}

resource "aws_iam_role" "search_task" {
  name = "search-task"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "search_task" {
  for_each = data.aws_iam_policy.aws

  role       = aws_iam_role.search_task.name
  policy_arn = each.value.arn
}

resource "aws_ecr_repository" "search" {
  name         = "search"
  force_delete = true
}

resource "aws_ecs_cluster" "search" {
  name = "search"
}

resource "aws_ecs_cluster_capacity_providers" "search" {
  cluster_name       = aws_ecs_cluster.search.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = 1
    weight            = 1
  }
}

resource "aws_ecs_task_definition" "search" {
  family                   = "search"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 256
  memory                   = 512
  execution_role_arn       = aws_iam_role.search_task.arn

  container_definitions = jsonencode([
    {
      name         = "search"
      image        = "shop/only-to-begin-with:1.0.0"
      cpu          = 256
      memory       = 512
      essential    = true
      portMappings = [{ containerPort = 3000, hostPort = 3000, protocol = "tcp" }]
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = "search"
          awslogs-create-group  = "true"
          awslogs-region        = "ap-northeast-2"
          awslogs-stream-prefix = "ecs"
        }
      }
    }
  ])

  lifecycle {
    ignore_changes = [container_definitions]
  }
}

resource "aws_lb" "search" {
  name                       = "search"
  internal                   = false
  load_balancer_type         = "application"
  security_groups            = [aws_security_group.balancer.id]
  subnets                    = aws_subnet.this[*].id
  enable_deletion_protection = false
}

resource "aws_lb_target_group" "search" {
  for_each = toset(["blue", "green"])

  name                 = "search-${each.key}"
  port                 = 80
  protocol             = "HTTP"
  target_type          = "ip"
  vpc_id               = aws_vpc.this.id
  deregistration_delay = 10

  health_check {
    path                = "/healthz"
    port                = "3000"
    protocol            = "HTTP"
    interval            = 30
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
  }
}

resource "aws_lb_listener" "search" {
  load_balancer_arn = aws_lb.search.arn
  port              = "80"
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.search["green"].arn
  }

  lifecycle {
    ignore_changes = [default_action]
  }
}

resource "aws_ecs_service" "search" {
  name                   = "search"
  cluster                = aws_ecs_cluster.search.id
  task_definition        = aws_ecs_task_definition.search.arn
  desired_count          = 1
  enable_execute_command = true
  force_new_deployment   = false

  deployment_controller {
    type = "CODE_DEPLOY"
  }

  network_configuration {
    subnets          = aws_subnet.this[*].id
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.search["green"].arn
    container_name   = "search"
    container_port   = "3000"
  }

  lifecycle {
    create_before_destroy = true

    # The provider takes the cluster's default strategy, which AWS shows as the service's, for one to be taken away.
    ignore_changes = [task_definition, load_balancer, capacity_provider_strategy]
  }

  depends_on = [aws_ecs_cluster_capacity_providers.search, aws_lb_listener.search]
}
