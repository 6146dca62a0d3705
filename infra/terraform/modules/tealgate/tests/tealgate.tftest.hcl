# What holds for every Tealgate, and what is refused, before anything is asked of AWS.

mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-central-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

override_module {
  target          = module.alarm_events
  override_during = plan
  outputs         = { rule_arn = "arn:aws:events:eu-central-1:123456789012:rule/tealgate-events", role_arn = null }
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

run "it_tells_by_the_topics_and_buses_that_are_named" {
  command = plan

  variables {
    notification_topics = ["arn:aws:sns:eu-central-1:123456789012:deploys"]
    notification_buses  = ["arn:aws:events:eu-central-1:123456789012:event-bus/deploys"]
  }

  assert {
    condition = alltrue([
      jsondecode(one(values(aws_iam_role_policy.topic)).policy).Statement[0].Resource == "arn:aws:sns:eu-central-1:123456789012:deploys",
      jsondecode(one(values(aws_iam_role_policy.bus)).policy).Statement[0].Resource == "arn:aws:events:eu-central-1:123456789012:event-bus/deploys",
    ])
    error_message = "It may tell by others."
  }
}

run "every_topic_is_refused" {
  command = plan

  variables {
    notification_topics = ["*"]
  }

  expect_failures = [var.notification_topics]
}

run "the_database_is_recognized_and_its_password_is_rds_s_own" {
  command = plan

  override_resource {
    target          = aws_db_instance.this
    override_during = plan
    values = {
      endpoint           = "tealgate.abc.eu-central-1.rds.amazonaws.com:5432"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1" }]
    }
  }

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null
    error_message = "Terraform's state has the password."
  }
  assert {
    condition = local.environment["DATABASE_URL"] == join("", [
      "postgres://tealgate.abc.eu-central-1.rds.amazonaws.com:5432/tealgate",
      "?sslmode=verify-full&sslrootcert=/app/certificates/database.pem",
    ])
    error_message = "Whoever answers is taken for the database."
  }
  assert {
    condition     = local.environment["DATABASE_SECRET"] == "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1"
    error_message = "Tealgate is not told where the password is."
  }
}

run "certificates_are_in_a_file" {
  command = plan

  variables {
    database = { ca_file = "system" }
  }

  expect_failures = [var.database]
}

run "its_role_may_assume_the_roles_of_environments_only" {
  command = plan

  assert {
    condition     = jsonencode(jsondecode(aws_iam_role_policy.task.policy).Statement[*].Resource) == jsonencode(["arn:aws:iam::*:role/tealgate-*"])
    error_message = "The task role may do something else."
  }
}

run "it_may_be_told_of_no_other_role" {
  command = plan

  assert {
    condition     = local.environment["AWS_ROLE_ARNS"] == "arn:*:iam::*:role/tealgate-*"
    error_message = "What the task role may assume and what the setting allows are not the same."
  }
}

run "no_container_writes_to_its_root_or_has_capabilities" {
  command = plan

  assert {
    condition     = local.container.readonlyRootFilesystem && jsonencode(local.container.linuxParameters.capabilities.drop) == jsonencode(["ALL"])
    error_message = "Whoever gets into a container may write to its root, or has capabilities."
  }
  assert {
    condition     = one(aws_ecs_task_definition.migrate.volume).name == local.container.mountPoints[0].sourceVolume
    error_message = "There is nowhere to write to."
  }
}

run "aws_tells_of_alarms" {
  command = plan

  assert {
    condition     = local.environment["EVENTS_QUEUE"] == "sqs://eu-central-1/tealgate-events"
    error_message = "EVENTS_QUEUE does not name the queue of events."
  }
  assert {
    condition = (
      aws_sqs_queue.events.sqs_managed_sse_enabled && aws_sqs_queue.events.message_retention_seconds <= 86400
      && aws_sqs_queue.events.visibility_timeout_seconds == 30 && aws_sqs_queue.events.receive_wait_time_seconds == 20
    )
    error_message = "Old alarms are kept, or in the clear, or asked for all the time."
  }
  assert {
    condition = jsondecode(aws_iam_role_policy.events.policy).Statement == [{
      Sid      = "HearOfAlarms"
      Effect   = "Allow"
      Action   = ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
      Resource = "arn:aws:sqs:eu-central-1:123456789012:tealgate-events"
    }]
    error_message = "The task role may not read the queue of events, or may do more."
  }
  assert {
    condition     = output.events_queue_arn == "arn:aws:sqs:eu-central-1:123456789012:tealgate-events"
    error_message = "Other accounts are told another queue."
  }
}

run "a_changed_setting_leaves_the_revision_that_runs" {
  command = plan

  assert {
    condition     = aws_ecs_task_definition.worker.skip_destroy
    error_message = "Terraform would deregister a revision that the workers run."
  }
}

run "only_the_rule_of_this_account_may_send_events" {
  command = plan

  assert {
    condition = [
      for statement in jsondecode(aws_sqs_queue_policy.events.policy).Statement : [statement.Principal, statement.Action, statement.Condition]
      ] == [[
        { Service = "events.amazonaws.com" }, "sqs:SendMessage",
        { ArnEquals = { "aws:SourceArn" = "arn:aws:events:eu-central-1:123456789012:rule/tealgate-events" } },
    ]]
    error_message = "Somebody else may send events."
  }
}

run "the_rules_of_other_accounts_may_when_they_are_named" {
  command = plan

  variables {
    event_roles = [
      "arn:aws:iam::210987654321:role/tealgate-events-eu-central-1", "arn:aws:iam::444455556666:role/tealgate-events-eu-central-1",
    ]
  }

  assert {
    condition = jsondecode(aws_sqs_queue_policy.events.policy).Statement[1] == {
      Sid       = "TheRulesOfOtherAccounts"
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::210987654321:root", "arn:aws:iam::444455556666:root"] }
      Action    = "sqs:SendMessage"
      Resource  = "arn:aws:sqs:eu-central-1:123456789012:tealgate-events"
      Condition = { ArnEquals = { "aws:PrincipalArn" = [for arn in var.event_roles : arn] } }
    }
    error_message = "Others than the named roles may send events."
  }
}

run "an_account_instead_of_its_role" {
  command = plan

  variables {
    event_roles = ["210987654321"]
  }

  expect_failures = [var.event_roles]
}

run "every_role_of_an_account" {
  command = plan

  variables {
    event_roles = ["arn:aws:iam::210987654321:role/*"]
  }

  expect_failures = [var.event_roles]
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

run "on_instances_nginx_and_web_share_sockets_and_ports_are_docker_s" {
  command = plan

  variables {
    host                            = "tealgate-1234567890.us-east-1.elb.amazonaws.com"
    plain_http                      = true
    controller                      = "ROLLING"
    launch_type                     = "EC2"
    instances_security_group_id     = "sg-2"
    load_balancer_security_group_id = null
  }

  assert {
    condition     = local.environment["SITE_URL"] == "http://tealgate-1234567890.us-east-1.elb.amazonaws.com"
    error_message = "Links and cookies would be for HTTPS, which nobody offers."
  }
  assert {
    condition     = local.over_sockets.nginx["WEB_ADDRESS"] == local.over_sockets.web["WEB_BIND"] && local.over_sockets.nginx["HEALTH_ADDRESS"] == local.over_sockets.web["WEB_HEALTH_BIND"]
    error_message = "nginx does not find gunicorn."
  }
  assert {
    condition     = values(aws_vpc_security_group_ingress_rule.database)[*].referenced_security_group_id == ["sg-2"]
    error_message = "The instances do not reach the database, or somebody else does."
  }
  assert {
    condition     = aws_ecs_task_definition.worker.network_mode == "bridge" && length(aws_ecs_service.worker.network_configuration) == 0
    error_message = "The worker asks for a network of its own."
  }
}

run "on_fargate_they_share_loopback" {
  command = plan

  assert {
    condition     = length(local.over_sockets.nginx) + length(local.over_sockets.web) + length(local.sockets) == 0
    error_message = "What runs on Fargate would change."
  }
  assert {
    condition     = length(aws_ecs_service.worker.network_configuration) == 1 && length(aws_vpc_security_group_ingress_rule.database) == 2
    error_message = "The worker has no network, or web and worker do not reach the database."
  }
}

run "instances_that_do_not_reach_the_database" {
  command = plan

  variables {
    launch_type = "EC2"
  }

  expect_failures = [var.instances_security_group_id]
}

run "sqlite_on_efs" {
  command = plan

  variables {
    environment = { DATABASE_URL = "sqlite:////mnt/efs/db.sqlite3" }
  }

  expect_failures = [var.environment]
}

run "codedeploy_for_what_drives_it" {
  command = plan

  variables {
    controller = "CODE_DEPLOY"
  }

  expect_failures = [var.controller]
}
