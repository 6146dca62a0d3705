# What holds for every Tealgate, and what is refused, before anything is asked of AWS.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  host                            = "tealgate.example.com"
  image                           = "tealgate:1.0.0"
  nginx_image                     = "tealgate-nginx:1.0.0"
  cluster                         = "tealgate"
  vpc_id                          = "vpc-1"
  subnet_ids                      = ["subnet-1", "subnet-2"]
  load_balancer_security_group_id = "sg-1"
  load_balancer_cidrs             = ["10.0.0.0/20", "10.0.16.0/20"]
  listener_arns                   = { production = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/tealgate/1/2" }
}

run "the_database_is_private_encrypted_and_kept" {
  command = plan

  assert {
    condition     = aws_db_instance.this.storage_encrypted && !aws_db_instance.this.publicly_accessible
    error_message = "The database is open, or not encrypted."
  }
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.backup_retention_period == 14
    error_message = "The database can be lost."
  }
  assert {
    condition     = length(aws_sqs_queue.this) + length(aws_elasticache_replication_group.this) == 0
    error_message = "Nobody asked for a queue."
  }
}

run "its_role_may_assume_the_roles_of_environments_only" {
  command = plan

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.task.policy).Statement[*].Resource) == jsonencode(["arn:aws:iam::*:role/tealgate-*"])
    error_message = "The task role may do something else."
  }
}

run "sqs_is_made_and_allowed" {
  command = plan

  variables {
    queue = "sqs"
  }

  assert {
    condition     = local.queue == "sqs://eu-central-1/tealgate" && aws_sqs_queue.this[0].visibility_timeout_seconds == 300
    error_message = "QUEUE does not name the queue."
  }
  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.queue[0].policy).Statement[*].Resource) == jsonencode(["arn:aws:sqs:eu-central-1:123456789012:tealgate"])
    error_message = "The queue may not be used."
  }
}

run "redis_is_made_and_encrypted" {
  command = plan

  variables {
    queue = "redis"
  }

  assert {
    condition     = aws_elasticache_replication_group.this[0].transit_encryption_enabled && length(aws_vpc_security_group_ingress_rule.redis) == 2
    error_message = "Redis is open to others, or speaks in the clear."
  }
}

run "a_queue_that_there_is_not" {
  command = plan

  variables {
    queue = "rabbitmq"
  }

  expect_failures = [var.queue]
}

run "everybody_is_believed" {
  command = plan

  variables {
    load_balancer_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.load_balancer_cidrs]
}

run "a_database_without_backups" {
  command = plan

  variables {
    database = { backup_days = 0 }
  }

  expect_failures = [var.database]
}

run "every_role_of_every_account" {
  command = plan

  variables {
    deployer_role = "*"
  }

  expect_failures = [var.deployer_role]
}

run "an_address_instead_of_a_host" {
  command = plan

  variables {
    host = "https://tealgate.example.com"
  }

  expect_failures = [var.host]
}
