# Each run but the last two is refused by the variable that it names, before anything is asked of AWS.

mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name                            = "shop"
  controller                      = "ROLLING"
  cluster                         = "shop"
  vpc_id                          = "vpc-1"
  subnet_ids                      = ["subnet-1"]
  load_balancer_security_group_id = "sg-1"
  listener_arns                   = { production = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/shop/1/2" }
  image                           = "shop:1.0.0"
}

run "the_controller_that_takes_a_later_provider" {
  command = plan

  variables {
    controller = "ECS"
  }

  expect_failures = [var.controller]
}

run "an_image_without_a_tag" {
  command = plan

  variables {
    image = "registry:5000/shop"
  }

  expect_failures = [var.image]
}

run "fargate_without_subnets" {
  command = plan

  variables {
    subnet_ids = []
  }

  expect_failures = [var.subnet_ids]
}

run "fargate_that_lets_nobody_in" {
  command = plan

  variables {
    load_balancer_security_group_id = null
  }

  expect_failures = [var.load_balancer_security_group_id]
}

run "a_size_that_fargate_has_not" {
  command = plan

  variables {
    cpu = 300
  }

  expect_failures = [var.cpu]
}

run "a_secret_in_the_open" {
  command = plan

  variables {
    secrets = { KEY = "hunter2" }
  }

  expect_failures = [var.secrets]
}

run "scaling_below_the_start" {
  command = plan

  variables {
    max_count = 1
  }

  expect_failures = [var.max_count]
}

run "a_path_without_a_slash" {
  command = plan

  variables {
    health_check = { path = "healthz" }
  }

  expect_failures = [var.health_check]
}

run "no_listener_for_production" {
  command = plan

  variables {
    listener_arns = { test = "arn" }
  }

  expect_failures = [var.listener_arns]
}

run "a_gate_that_asks_nobody" {
  command = plan

  variables {
    ready_wait_minutes = 0
  }

  expect_failures = [var.ready_wait_minutes]
}

run "a_configuration_for_servers" {
  command = plan

  variables {
    controller             = "CODE_DEPLOY"
    deployment_config_name = "CodeDeployDefault.HalfAtATime"
  }

  expect_failures = [var.deployment_config_name]
}

run "a_canary_of_half_an_hour" {
  command = plan

  variables {
    controller             = "CODE_DEPLOY"
    deployment_config_name = "CodeDeployDefault.ECSCanary10Percent30Minutes"
  }

  expect_failures = [var.deployment_config_name]
}

run "a_canary_of_ten_minutes_that_lambda_has" {
  command = plan

  variables {
    controller             = "CODE_DEPLOY"
    deployment_config_name = "CodeDeployDefault.ECSCanary10Percent10Minutes"
  }

  expect_failures = [var.deployment_config_name]
}

run "steps_of_two_minutes_that_lambda_has" {
  command = plan

  variables {
    controller             = "CODE_DEPLOY"
    deployment_config_name = "CodeDeployDefault.ECSLinear10PercentEvery2Minutes"
  }

  expect_failures = [var.deployment_config_name]
}

run "steps_of_ten_minutes_that_lambda_has" {
  command = plan

  variables {
    controller             = "CODE_DEPLOY"
    deployment_config_name = "CodeDeployDefault.ECSLinear10PercentEvery10Minutes"
  }

  expect_failures = [var.deployment_config_name]
}

run "a_configuration_of_lambda" {
  command = plan

  variables {
    controller             = "CODE_DEPLOY"
    deployment_config_name = "CodeDeployDefault.LambdaCanary10Percent5Minutes"
  }

  expect_failures = [var.deployment_config_name]
}

run "a_configuration_of_ones_own_by_the_way" {
  command = plan

  variables {
    controller             = "CODE_DEPLOY"
    deployment_config_name = "shop-a-fifth-first"
  }

  expect_failures = [var.deployment_config_name]
}

run "one_of_aws_s_as_ones_own" {
  command = plan

  variables {
    controller               = "CODE_DEPLOY"
    custom_deployment_config = "CodeDeployDefault.ECSCanary10Percent30Minutes"
  }

  expect_failures = [var.custom_deployment_config]
}

run "a_configuration_of_ones_own_is_what_the_group_has" {
  command = plan

  variables {
    controller               = "CODE_DEPLOY"
    custom_deployment_config = "shop-a-fifth-first"
  }

  assert {
    condition     = aws_codedeploy_deployment_group.this[0].deployment_config_name == "shop-a-fifth-first"
    error_message = "The group has another configuration."
  }
}

run "a_service_of_no_tasks" {
  command = plan

  variables {
    desired_count = 0
  }

  expect_failures = [var.desired_count]
}

run "a_second_container_of_the_same_name" {
  command = plan

  variables {
    containers = [{ name = "web", image = "shop:1.0.0" }]
  }

  expect_failures = [var.containers]
}

run "a_policy_for_a_role_of_somebody_else" {
  command = plan

  variables {
    roles            = { task_arn = "arn:aws:iam::123456789012:role/shop-task", execution_arn = "arn:aws:iam::123456789012:role/shop-execution" }
    task_policy_json = "{}"
  }

  expect_failures = [var.roles]
}

run "other_containers_log_where_the_first_does_and_the_roles_are_its_own" {
  command = plan

  variables {
    containers = [{ name = "metrics", image = "statsd:1", essential = false }]
    container  = { stopTimeout = 30 }
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[1].logConfiguration.options.awslogs-group == "/ecs/shop"
    error_message = "The second container does not log."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout == 30
    error_message = "What was said of the first container is lost."
  }
  assert {
    condition     = length(aws_iam_role.task) == 1 && length(aws_iam_role.execution) == 1
    error_message = "The roles are not its own."
  }
}

run "a_changed_setting_leaves_the_revision_that_runs" {
  command = plan

  assert {
    condition     = aws_ecs_task_definition.this.skip_destroy
    error_message = "Terraform would deregister a revision that services run."
  }
}
