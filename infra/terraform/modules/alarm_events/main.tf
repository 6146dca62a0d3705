data "aws_region" "this" {}
data "aws_caller_identity" "this" {}

locals {
  # arn:PARTITION:SERVICE:REGION:ACCOUNT:NAME
  target = split(":", var.target_arn)
  queue  = local.target[2] == "sqs"
  abroad = local.target[3] != data.aws_region.this.name
  # A queue of the same account lets EventBridge in by its own policy, and AWS advises against a role for it.
  role = local.abroad || local.target[4] != data.aws_caller_identity.this.account_id
}

resource "aws_cloudwatch_event_rule" "this" {
  name        = var.name
  description = "Tells Tealgate of alarms, tasks and images"
  event_pattern = jsonencode({
    source = ["aws.cloudwatch", "aws.ecs", "aws.ecr", "tealgate"]
    detail-type = [
      "CloudWatch Alarm State Change",
      "CloudWatch Alarm Configuration Change",
      "ECS Task State Change",
      "ECR Image Action",
      "Tealgate Echo",
    ]
  })

  lifecycle {
    precondition {
      condition     = !(local.queue && local.abroad)
      error_message = "EventBridge sends to queues of its own region only. The queue is in ${local.target[3]}, this rule in ${data.aws_region.this.name}: give target_arn the default event bus of ${local.target[3]}."
    }

    precondition {
      condition     = local.queue || local.role
      error_message = "target_arn is the bus that this rule listens to: events would go in circles. Give it the queue."
    }
  }
}

resource "aws_cloudwatch_event_target" "this" {
  rule      = aws_cloudwatch_event_rule.this.name
  target_id = "tealgate"
  arn       = var.target_arn
  role_arn  = local.role ? aws_iam_role.this[0].arn : null

  depends_on = [aws_iam_role_policy.this]
}

resource "aws_iam_role" "this" {
  count = local.role ? 1 : 0

  # Rules have a region, roles do not.
  name = "${var.name}-${data.aws_region.this.name}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  count = local.role ? 1 : 0

  name = "send"
  role = aws_iam_role.this[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = local.queue ? "sqs:SendMessage" : "events:PutEvents"
      Resource = var.target_arn
    }]
  })
}
