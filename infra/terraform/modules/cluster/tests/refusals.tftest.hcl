# Each run is refused by the variable that it names, before anything is asked of AWS.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name = "shop"
}

run "fewer_instances_than_there_are_to_be" {
  command = plan

  variables {
    instances = { count = 3, max = 2, vpc_id = "vpc-1", subnet_ids = [], load_balancer_security_group_ids = {} }
  }

  expect_failures = [var.instances]
}


run "a_name_that_is_too_long" {
  command = plan

  variables {
    name = "a-name-that-is-much-too-long"
  }

  expect_failures = [var.name]
}
