# The role is what infra/iam says, for what was named; a wrong variable is refused by its own sentence.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
}

variables {
  name              = "shop-production"
  controller        = "SERVICE_PAIR"
  tealgate_role_arn = "arn:aws:iam::210987654321:role/tealgate-task"
  external_id       = "made-up"
  task_role_arn     = "arn:aws:iam::123456789012:role/shop-task"
  names             = { cluster = "shop", service = "shop-*", family = "shop" }
  rules             = { production = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/50dc/f2f7/9683" }
}

run "a_service_pair" {
  command = plan

  assert {
    condition     = strcontains(aws_iam_role.this.assume_role_policy, "\"sts:ExternalId\": \"made-up\"")
    error_message = "The external id is not asked for."
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.deploy.policy, "arn:aws:ecs:eu-central-1:123456789012:service/shop/shop-*")
    error_message = "The services are not named."
  }
  assert {
    condition = jsonencode([
      for statement in jsondecode(aws_iam_role_policy.deploy.policy).Statement : statement.Resource if statement.Sid == "PassTaskRoles"
    ]) == jsonencode([["arn:aws:iam::123456789012:role/shop-task"]])
    error_message = "Exactly the roles that there are may be passed."
  }
}

run "a_service_pair_may_tell_whether_events_arrive" {
  command = plan

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.deploy.policy).Statement : statement if statement.Sid == "TellWhetherEventsArrive"
      ] == [{
        Sid       = "TellWhetherEventsArrive"
        Effect    = "Allow"
        Action    = "events:PutEvents"
        Resource  = ["arn:aws:events:eu-central-1:123456789012:event-bus/default"]
        Condition = { StringEquals = { "events:source" = "tealgate" } }
    }]
    error_message = "Tealgate would never be told of this environment's alarms, or may say more than its own name."
  }
}

run "others_say_nothing" {
  command = plan

  variables {
    controller = "ROLLING"
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.deploy.policy, "events:")
    error_message = "Only SERVICE_PAIR has gates that wait for alarms."
  }
}

run "what_was_not_named_is_in_no_statement" {
  command = plan

  assert {
    condition = !anytrue([
      for word in ["(nothing)", "ecr:BatchGetImage", "logs:GetLogEvents"] : strcontains(aws_iam_role_policy.deploy.policy, word)
    ])
    error_message = "A statement stands on something that was not named."
  }
}

run "every_statement_is_there_when_all_is_named" {
  command = plan

  variables {
    execution_role_arn = "arn:aws:iam::123456789012:role/shop-execution"
    names = {
      cluster = "shop", service = "shop-*", family = "shop", repository = "shop", log_group = "/ecs/shop"
    }
  }

  assert {
    condition = jsonencode(jsondecode(aws_iam_role_policy.deploy.policy).Statement[*].Sid) == jsonencode(jsondecode(templatefile("../../../iam/service-pair.json", {
      partition = "", region = "", account = "", cluster = "", service = "", family = "", repository = "", log_group = "",
      task_role = "", execution_role = "", production_rule = "", test_rule = "",
    })).Statement[*].Sid)
    error_message = "A statement of infra/iam/service-pair.json is missing."
  }
}

run "servers_need_no_cluster" {
  command = plan

  variables {
    controller    = "CODE_DEPLOY_SERVER"
    task_role_arn = null
    names         = { codedeploy_application = "shop", codedeploy_group = "*", bundle_bucket = "shop-releases" }
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.deploy.policy, "arn:aws:s3:::shop-releases/*")
    error_message = "The bucket is not named."
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.deploy.policy, "\"s3:ListBucket\"") && strcontains(aws_iam_role_policy.deploy.policy, "\"arn:aws:s3:::shop-releases\"")
    error_message = "A bundle that is missing could not be told from one that may not be read."
  }
}

run "without_any_role_none_may_be_passed" {
  command = plan

  variables {
    task_role_arn = null
  }

  assert {
    condition     = !strcontains(aws_iam_role_policy.deploy.policy, "iam:PassRole")
    error_message = "A statement without a resource is left."
  }
}

run "codedeploy_wants_its_names" {
  command = plan

  variables {
    controller = "CODE_DEPLOY"
  }

  expect_failures = [var.names]
}

run "a_role_is_an_arn" {
  command = plan

  variables {
    tealgate_role_arn = "tealgate-task"
  }

  expect_failures = [var.tealgate_role_arn]
}

run "an_unknown_controller" {
  command = plan

  variables {
    controller = "EXTERNAL"
  }

  expect_failures = [var.controller]
}

run "traffic_is_shifted_on_the_rules_that_were_named_and_on_no_other" {
  command = plan

  assert {
    condition = jsonencode([
      for statement in jsondecode(aws_iam_role_policy.deploy.policy).Statement : statement.Resource if statement.Sid == "ShiftTraffic"
    ]) == jsonencode([["arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/50dc/f2f7/9683"]])
    error_message = "Another rule of the load balancer could be written."
  }
}

run "one_off_tasks_run_in_the_cluster_only" {
  command = plan

  assert {
    condition = jsonencode([
      for statement in jsondecode(aws_iam_role_policy.deploy.policy).Statement : statement.Condition if statement.Sid == "RunOneOffTasks"
    ]) == jsonencode([{ ArnLike = { "ecs:cluster" = "arn:aws:ecs:eu-central-1:123456789012:cluster/shop" } }])
    error_message = "A task could be run in another cluster."
  }
}

run "a_pair_without_rules" {
  command = plan

  variables {
    rules = null
  }

  expect_failures = [var.rules]
}

run "all_rules_of_a_load_balancer" {
  command = plan

  variables {
    rules = { production = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/shop/*" }
  }

  expect_failures = [var.rules]
}

run "a_name_that_is_none" {
  command = plan

  variables {
    names = { cluster = "shop\", \"*", service = "shop-*", family = "shop" }
  }

  expect_failures = [var.names]
}

run "no_external_id" {
  command = plan

  variables {
    external_id = ""
  }

  expect_failures = [var.external_id]
}

run "in_another_partition" {
  command = plan

  override_data {
    target = data.aws_partition.this
    values = { partition = "aws-us-gov" }
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.deploy.policy, "arn:aws-us-gov:ecs:eu-central-1:123456789012:service/shop/shop-*")
    error_message = "The services are not named by their partition."
  }
  assert {
    condition     = strcontains(aws_iam_role_policy.reading[0].policy, "arn:aws-us-gov:iam::123456789012:role/*")
    error_message = "The roles are not named by their partition."
  }
}
