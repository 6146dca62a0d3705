data "aws_region" "this" {}
data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  fargate = var.launch_type == "FARGATE"
  environment = merge({
    ALLOWED_HOSTS   = var.host
    DATABASE_URL    = local.database_url
    DATABASE_SECRET = local.database_secret
    SITE_URL        = "${var.plain_http ? "http" : "https"}://${var.host}"
    QUEUE           = local.queue
    EVENTS_QUEUE    = local.events_queue
    TIME_ZONE       = var.time_zone
    AWS_ROLE_ARNS   = "arn:*:iam::*:role/${var.deployer_role}"
  }, var.environment)
  # Of the versions, so that no task starts before there is a value.
  secrets = merge({
    SECRET_KEY = aws_secretsmanager_secret_version.secret_key.arn
  }, var.secrets)

  # No container writes to its root. /tmp is a volume, which gets the rights of the folder in the image; tmpfs is not for
  # every platform of Fargate.
  hardened = {
    readonlyRootFilesystem = true
    linuxParameters        = { initProcessEnabled = true, capabilities = { add = [], drop = ["ALL"] } }
    mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
  }
  # What each container of Tealgate's own image has: the same settings, whatever it runs.
  container = merge(local.hardened, {
    image            = var.image
    essential        = true
    environment      = [for name in sort(keys(local.environment)) : { name = name, value = local.environment[name] }]
    secrets          = [for name in sort(keys(local.secrets)) : { name = name, valueFrom = local.secrets[name] }]
    stopTimeout      = 30
    logConfiguration = local.logging
  })
  logging = {
    logDriver = "awslogs"
    options = {
      awslogs-group         = aws_cloudwatch_log_group.this.name
      awslogs-region        = data.aws_region.this.name
      awslogs-stream-prefix = var.name
    }
  }
}

# Of worker and migrate; web has its own, made with its services.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/ecs/${var.name}"
  retention_in_days = var.log_retention_days
}

# nginx in front of gunicorn: both containers are in one task. On Fargate they share loopback, in a bridge network a
# volume with gunicorn's sockets.
locals {
  sockets = local.fargate ? [] : [{ sourceVolume = "sockets", containerPath = "/run/tealgate", readOnly = false }]
  # By container.
  over_sockets = {
    nginx = local.fargate ? {} : { WEB_ADDRESS = "unix:/run/tealgate/web.sock", HEALTH_ADDRESS = "unix:/run/tealgate/health.sock" }
    web   = local.fargate ? {} : { WEB_BIND = "unix:/run/tealgate/web.sock", WEB_HEALTH_BIND = "unix:/run/tealgate/health.sock" }
  }
}

module "web" {
  source = "../blue_green_service"

  name                            = "${var.name}-web"
  controller                      = var.controller
  launch_type                     = var.launch_type
  cluster                         = var.cluster
  vpc_id                          = var.vpc_id
  subnet_ids                      = var.subnet_ids
  load_balancer_security_group_id = var.load_balancer_security_group_id
  listener_arns                   = var.listener_arns
  roles                           = { task_arn = aws_iam_role.task.arn, execution_arn = aws_iam_role.execution.arn }
  image                           = var.nginx_image
  architecture                    = var.architecture
  container_name                  = "nginx"
  container_port                  = 8080
  cpu                             = var.web.cpu
  memory                          = var.web.memory
  desired_count                   = var.web.count
  log_retention_days              = var.log_retention_days
  health_check                    = { path = "/healthz" }
  environment                     = merge({ TRUSTED_PROXIES = join(",", var.load_balancer_cidrs) }, local.over_sockets.nginx)

  volumes = concat(["tmp", "tmp-nginx"], local.sockets[*].sourceVolume)
  container = merge(local.hardened, {
    cpu         = 64
    memory      = 128
    stopTimeout = 30
    mountPoints = concat([{ sourceVolume = "tmp-nginx", containerPath = "/tmp", readOnly = false }], local.sockets)
    # The first container with a volume gives it its rights, and web's image has a folder for the sockets.
  }, local.fargate ? {} : { dependsOn = [{ containerName = "web", condition = "START" }] })
  containers = [merge(
    { for name, value in local.container : name => value if name != "logConfiguration" },
    {
      name   = "web"
      cpu    = var.web.cpu - 64
      memory = var.web.memory - 128
      environment = concat(local.container.environment, [
        for name in sort(keys(local.over_sockets.web)) : { name = name, value = local.over_sockets.web[name] }
      ])
      mountPoints = concat(local.hardened.mountPoints, local.sockets)
      healthCheck = {
        command     = ["CMD", "python", "-m", "config.alive"]
        interval    = 10
        timeout     = 5
        retries     = 3
        startPeriod = 60
      }
    },
  )]
}

resource "aws_ecs_task_definition" "worker" {
  family                   = "${var.name}-worker"
  requires_compatibilities = [var.launch_type]
  network_mode             = local.fargate ? "awsvpc" : "bridge"
  cpu                      = local.fargate ? var.worker.cpu : null
  memory                   = local.fargate ? var.worker.memory : null
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  # As with web: the service still runs it after a change.
  skip_destroy = true

  volume {
    name = "tmp"
  }

  runtime_platform {
    cpu_architecture        = var.architecture
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([merge(local.container, {
    name    = "worker"
    command = ["python", "manage.py", "worker"]
    cpu     = var.worker.cpu
    memory  = var.worker.memory
    healthCheck = {
      command     = ["CMD", "python", "-m", "config.alive", "worker"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 60
    }
  })])
}

resource "aws_ecs_service" "worker" {
  name            = "${var.name}-worker"
  cluster         = var.cluster
  task_definition = aws_ecs_task_definition.worker.arn
  launch_type     = var.launch_type
  desired_count   = var.worker.count

  # The one that is replaced goes only when its successor runs. No circuit breaker: until migrate has run for the first
  # time, workers end and are started again, and later it is Tealgate that turns back.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  dynamic "network_configuration" {
    for_each = aws_security_group.tasks[*].id
    content {
      subnets         = var.subnet_ids
      security_groups = [network_configuration.value]
    }
  }

  lifecycle {
    ignore_changes = [task_definition, desired_count]
  }

  depends_on = [
    aws_iam_role_policy.task, aws_iam_role_policy.database, aws_iam_role_policy.events, aws_iam_role_policy.execution,
    aws_iam_role_policy_attachment.execution,
    aws_vpc_security_group_egress_rule.tasks,
  ]
}

# Run once by hand, before the first sign-in. Later versions migrate in a one-off task of Tealgate's own deployment.
resource "aws_ecs_task_definition" "migrate" {
  family                   = "${var.name}-migrate"
  requires_compatibilities = [var.launch_type]
  network_mode             = local.fargate ? "awsvpc" : "bridge"
  cpu                      = local.fargate ? 256 : null
  memory                   = local.fargate ? 512 : null
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  volume {
    name = "tmp"
  }

  runtime_platform {
    cpu_architecture        = var.architecture
    operating_system_family = "LINUX"
  }

  container_definitions = jsonencode([merge(local.container, {
    name    = "migrate"
    command = ["sh", "-c", "python manage.py migrate --noinput && python manage.py create_roles"]
    cpu     = 256
    memory  = 512
    secrets = concat(local.container.secrets, [
      { name = "DJANGO_SUPERUSER_PASSWORD", valueFrom = aws_secretsmanager_secret_version.first_password.arn },
    ])
  })])
}

resource "aws_security_group" "tasks" {
  count = local.fargate ? 1 : 0

  name        = "${var.name}-tasks"
  description = "Worker and one-off tasks of ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-tasks" }
}

resource "aws_vpc_security_group_egress_rule" "tasks" {
  count = local.fargate ? 1 : 0

  security_group_id = aws_security_group.tasks[0].id
  description       = "AWS, the database, webhooks"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "-1"
}
