locals {
  events_queue = "sqs://${data.aws_region.this.name}/${aws_sqs_queue.events.name}"
  # The queue's own is not known until it is there, and whether the rule takes a role is decided by it before.
  events_queue_arn = join(":", [
    "arn", data.aws_partition.this.partition, "sqs", data.aws_region.this.name,
    data.aws_caller_identity.this.account_id, aws_sqs_queue.events.name,
  ])
}

# What AWS tells of alarms and tasks. One that was not read for a day is no news; one that a worker did not get done
# with is there again after half a minute.
resource "aws_sqs_queue" "events" {
  name                       = "${var.name}-events"
  message_retention_seconds  = 86400
  visibility_timeout_seconds = 30
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = true
}

module "alarm_events" {
  source = "../alarm_events"

  name       = "${var.name}-events"
  target_arn = local.events_queue_arn
}

resource "aws_sqs_queue_policy" "events" {
  queue_url = aws_sqs_queue.events.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "TheRuleOfThisAccount"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.events_queue_arn
        Condition = { ArnEquals = { "aws:SourceArn" = module.alarm_events.rule_arn } }
      }],
      # The account is the principal, and the role a condition: SQS refuses roles that are still to be made.
      length(var.event_roles) == 0 ? [] : [{
        Sid       = "TheRulesOfOtherAccounts"
        Effect    = "Allow"
        Principal = { AWS = sort(distinct([for arn in var.event_roles : "${split(":role/", arn)[0]}:root"])) }
        Action    = "sqs:SendMessage"
        Resource  = local.events_queue_arn
        Condition = { ArnEquals = { "aws:PrincipalArn" = sort(var.event_roles) } }
      }],
    )
  })
}
