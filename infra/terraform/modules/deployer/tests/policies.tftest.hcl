# The role is what infra/iam says, for what was named; a wrong variable is refused by its own sentence.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
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
  names             = { cluster = "shop", service = "shop-*", family = "shop", load_balancer = "shop" }
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
    condition = [
      for statement in jsondecode(aws_iam_role_policy.deploy.policy).Statement : statement.Resource if statement.Sid == "PassTaskRoles"
    ] == [["arn:aws:iam::123456789012:role/shop-task"]]
    error_message = "Exactly the roles that there are may be passed."
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
