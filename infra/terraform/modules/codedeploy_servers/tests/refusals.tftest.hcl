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
  name                            = "reports"
  vpc_id                          = "vpc-1"
  subnet_ids                      = ["subnet-1"]
  load_balancer_security_group_id = "sg-1"
  release_bucket                  = "reports-releases"
}

run "more_instances_than_allowed" {
  command = plan

  variables {
    instances = { min = 2, desired = 5, max = 4 }
  }

  expect_failures = [var.instances]
}

run "a_configuration_for_ecs" {
  command = plan

  variables {
    deployment_config_name = "CodeDeployDefault.ECSAllAtOnce"
  }

  expect_failures = [var.deployment_config_name]
}

run "the_address_of_a_bucket" {
  command = plan

  variables {
    release_bucket = "s3://reports-releases"
  }

  expect_failures = [var.release_bucket]
}

run "no_subnet" {
  command = plan

  variables {
    subnet_ids = []
  }

  expect_failures = [var.subnet_ids]
}

run "a_check_that_outlasts_its_interval" {
  command = plan

  variables {
    health_check = { interval = 5, timeout = 5 }
  }

  expect_failures = [var.health_check]
}
