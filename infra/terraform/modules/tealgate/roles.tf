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
  name               = "${var.name}-execution"
  assume_role_policy = data.aws_iam_policy_document.trust_tasks.json
}

resource "aws_iam_role_policy_attachment" "execution" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions = ["secretsmanager:GetSecretValue", "ssm:GetParameters"]
    resources = concat(values(var.secrets), [
      aws_secretsmanager_secret.secret_key.arn,
      aws_secretsmanager_secret.first_password.arn,
    ])
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "secrets"
  role   = aws_iam_role.execution.name
  policy = data.aws_iam_policy_document.secrets.json
}

# Who Tealgate is. It may become the roles of environments, read its database's password, use its queues,
# tell by the topics and buses that are named, and do nothing else.
resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  assume_role_policy = data.aws_iam_policy_document.trust_tasks.json
}

resource "aws_iam_role_policy" "task" {
  name = "tealgate"
  role = aws_iam_role.task.name
  policy = templatefile("${path.module}/../../../iam/tealgate.json", {
    partition     = data.aws_partition.this.partition
    deployer_role = var.deployer_role
  })
}

# The password is read by Tealgate itself, for it has to be read again: ECS reads a secret once, when a task starts.
data "aws_iam_policy_document" "database" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [local.database_secret]
  }
}

resource "aws_iam_role_policy" "database" {
  name   = "database"
  role   = aws_iam_role.task.name
  policy = data.aws_iam_policy_document.database.json
}

resource "aws_iam_role_policy" "queue" {
  count = var.queue == "sqs" ? 1 : 0

  name = "tealgate-sqs"
  role = aws_iam_role.task.name
  policy = templatefile("${path.module}/../../../iam/tealgate-sqs.json", {
    partition = data.aws_partition.this.partition
    region    = data.aws_region.this.name
    account   = data.aws_caller_identity.this.account_id
    queue     = aws_sqs_queue.this[0].name
  })
}

resource "aws_iam_role_policy" "events" {
  name = "tealgate-events"
  role = aws_iam_role.task.name
  policy = templatefile("${path.module}/../../../iam/tealgate-events.json", {
    partition = data.aws_partition.this.partition
    region    = data.aws_region.this.name
    account   = data.aws_caller_identity.this.account_id
    queue     = aws_sqs_queue.events.name
  })
}

resource "aws_iam_role_policy" "topic" {
  for_each = var.notification_topics

  name   = "tealgate-sns-${element(split(":", each.value), -1)}"
  role   = aws_iam_role.task.name
  policy = templatefile("${path.module}/../../../iam/tealgate-sns.json", { topic = each.value })
}

resource "aws_iam_role_policy" "bus" {
  for_each = var.notification_buses

  name   = "tealgate-eventbridge-${element(split("/", each.value), -1)}"
  role   = aws_iam_role.task.name
  policy = templatefile("${path.module}/../../../iam/tealgate-eventbridge.json", { bus = each.value })
}
