locals {
  own_roles = var.roles == null ? 1 : 0
  roles = var.roles != null ? var.roles : {
    task_arn      = one(aws_iam_role.task[*].arn)
    execution_arn = one(aws_iam_role.execution[*].arn)
  }
}

data "aws_iam_policy_document" "trust_tasks" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "execution" {
  count = local.own_roles

  name               = "${var.name}-execution"
  assume_role_policy = data.aws_iam_policy_document.trust_tasks.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  count = local.own_roles

  role       = aws_iam_role.execution[0].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

data "aws_iam_policy_document" "secrets" {
  count = length(var.secrets) > 0 ? local.own_roles : 0

  statement {
    actions   = ["secretsmanager:GetSecretValue", "ssm:GetParameters"]
    resources = distinct(values(var.secrets))
  }
}

resource "aws_iam_role_policy" "secrets" {
  count = length(var.secrets) > 0 ? local.own_roles : 0

  name   = "secrets"
  role   = aws_iam_role.execution[0].name
  policy = data.aws_iam_policy_document.secrets[0].json
}

resource "aws_iam_role" "task" {
  count = local.own_roles

  name               = "${var.name}-task"
  assume_role_policy = data.aws_iam_policy_document.trust_tasks.json
}

resource "aws_iam_role_policy" "task" {
  count = var.task_policy_json == null ? 0 : local.own_roles

  name   = "task"
  role   = aws_iam_role.task[0].name
  policy = var.task_policy_json
}
