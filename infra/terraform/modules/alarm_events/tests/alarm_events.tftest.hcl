# Which way events go from here to Tealgate, and what is refused, before anything is asked of AWS.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/tealgate-events-eu-central-1" }
  }
}

variables {
  target_arn = "arn:aws:sqs:eu-central-1:123456789012:tealgate-events"
}

run "the_rule_is_the_one_that_tealgate_relies_on" {
  command = plan

  assert {
    condition     = aws_cloudwatch_event_rule.this.name == "tealgate-events" && coalesce(aws_cloudwatch_event_rule.this.event_bus_name, "default") == "default"
    error_message = "Nobody would find this rule."
  }
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.this.event_pattern) == {
      source = ["aws.cloudwatch", "aws.ecs", "aws.ecr", "tealgate"]
      detail-type = [
        "CloudWatch Alarm State Change", "CloudWatch Alarm Configuration Change", "ECS Task State Change", "ECR Image Action",
        "Tealgate Echo",
      ]
    }
    error_message = "The rule lets other events through than Tealgate waits for."
  }
}

run "a_queue_of_this_account_takes_no_role" {
  command = plan

  assert {
    condition     = aws_cloudwatch_event_target.this.role_arn == null && length(aws_iam_role.this) == 0 && output.role_arn == null
    error_message = "AWS advises against a role for a queue of the same account."
  }
}

run "a_queue_of_another_account_is_sent_to_by_a_role" {
  variables {
    target_arn = "arn:aws:sqs:eu-central-1:210987654321:tealgate-events"
  }

  assert {
    condition     = aws_cloudwatch_event_target.this.role_arn == output.role_arn && aws_iam_role.this[0].name == "tealgate-events-eu-central-1"
    error_message = "EventBridge delivers to another account by a role of this one only."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.this[0].policy).Statement == [{ Effect = "Allow", Action = "sqs:SendMessage", Resource = var.target_arn }]
    error_message = "The role may do something else than send to that queue."
  }
}

run "another_region_is_reached_by_its_event_bus" {
  variables {
    target_arn = "arn:aws:events:us-east-1:123456789012:event-bus/default"
  }

  assert {
    condition     = aws_cloudwatch_event_target.this.role_arn == output.role_arn
    error_message = "EventBridge delivers to another region's bus by a role only."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.this[0].policy).Statement == [{ Effect = "Allow", Action = "events:PutEvents", Resource = var.target_arn }]
    error_message = "The role may do something else than send to that bus."
  }
}

run "a_queue_of_another_region" {
  command = plan

  variables {
    target_arn = "arn:aws:sqs:us-east-1:123456789012:tealgate-events"
  }

  expect_failures = [aws_cloudwatch_event_rule.this]
}

run "the_bus_that_it_listens_to" {
  command = plan

  variables {
    target_arn = "arn:aws:events:eu-central-1:123456789012:event-bus/default"
  }

  expect_failures = [aws_cloudwatch_event_rule.this]
}

run "a_queue_that_keeps_an_order" {
  command = plan

  variables {
    target_arn = "arn:aws:sqs:eu-central-1:123456789012:tealgate-events.fifo"
  }

  expect_failures = [var.target_arn]
}

run "the_address_of_a_queue" {
  command = plan

  variables {
    target_arn = "https://sqs.eu-central-1.amazonaws.com/123456789012/tealgate-events"
  }

  expect_failures = [var.target_arn]
}

run "a_name_that_is_none" {
  command = plan

  variables {
    name = "tealgate events"
  }

  expect_failures = [var.name]
}
