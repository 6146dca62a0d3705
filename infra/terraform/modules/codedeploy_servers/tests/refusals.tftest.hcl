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

run "a_configuration_that_there_is_not" {
  command = plan

  variables {
    deployment_config_name = "CodeDeployDefault.QuarterAtATime"
  }

  expect_failures = [var.deployment_config_name]
}

run "one_of_aws_s_as_ones_own" {
  command = plan

  variables {
    custom_deployment_config = "CodeDeployDefault.QuarterAtATime"
  }

  expect_failures = [var.custom_deployment_config]
}

run "a_gate_that_asks_nobody" {
  command = plan

  variables {
    blue_green = { ready_wait_minutes = 0 }
  }

  expect_failures = [var.blue_green]
}

run "originals_that_are_kept_for_three_days" {
  command = plan

  variables {
    blue_green = { termination_wait_minutes = 4320 }
  }

  expect_failures = [var.blue_green]
}

run "in_place_asks_for_no_more_rights_than_aws_s_policy" {
  command = plan

  variables {
    custom_deployment_config = "reports-a-quarter"
  }

  assert {
    condition = (
      aws_codedeploy_deployment_group.this.deployment_style[0].deployment_type == "IN_PLACE"
      && aws_codedeploy_deployment_group.this.deployment_config_name == "reports-a-quarter"
      && length(aws_iam_role_policy.copying) == 0
    )
    error_message = "It is not in place, not by the configuration that was named, or may start instances."
  }
}

run "blue_green_copies_the_group_and_may_do_so" {
  command = plan

  variables {
    blue_green = {}
  }

  assert {
    condition = (
      aws_codedeploy_deployment_group.this.deployment_style[0].deployment_type == "BLUE_GREEN"
      && aws_codedeploy_deployment_group.this.blue_green_deployment_config[0].green_fleet_provisioning_option[0].action == "COPY_AUTO_SCALING_GROUP"
      && aws_codedeploy_deployment_group.this.blue_green_deployment_config[0].deployment_ready_option[0].action_on_timeout == "STOP_DEPLOYMENT"
      && length(aws_iam_role_policy.copying) == 1
    )
    error_message = "CodeDeploy does not copy the group, may not, or asks nobody."
  }
}

run "the_group_that_codedeploy_ended_is_not_made_again" {
  command = plan

  variables {
    blue_green = { first_group = false }
  }

  assert {
    condition     = length(aws_autoscaling_group.this) == 0
    error_message = "Terraform makes the Auto Scaling group again."
  }
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
