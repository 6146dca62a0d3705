data "aws_region" "this" {}
data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  folder = "${path.module}/../../../iam"
  file = {
    SERVICE_PAIR       = "service-pair"
    ROLLING            = "rolling"
    ECS                = "ecs"
    EXPRESS_MODE       = "express-mode"
    CODE_DEPLOY        = "code-deploy-ecs"
    CODE_DEPLOY_SERVER = "code-deploy-server"
  }[var.controller]
  # What was not named. Nothing of AWS is called so, and whatever would be is left out below.
  nothing = "(nothing)"
  places = [
    "cluster", "service", "family", "repository", "log_group", "codedeploy_application", "codedeploy_group",
    "bundle_bucket",
  ]
  names = merge(
    { for place in local.places : place => coalesce(var.names[place], local.nothing) },
    {
      partition           = data.aws_partition.this.partition
      region              = data.aws_region.this.name
      account             = data.aws_caller_identity.this.account_id
      task_role           = coalesce(var.task_role_arn, local.nothing)
      execution_role      = coalesce(var.execution_role_arn, local.nothing)
      infrastructure_role = coalesce(var.infrastructure_role_arn, local.nothing)
      production_rule     = try(coalesce(var.rules.production), local.nothing)
      test_rule           = try(coalesce(var.rules.test), local.nothing)
    },
  )
  read = jsondecode(templatefile("${local.folder}/${local.file}.json", local.names))
  resources = {
    for statement in local.read.Statement :
    statement.Sid => [for arn in flatten([statement.Resource]) : arn if !strcontains(arn, local.nothing)]
  }
  policy = merge(local.read, {
    Statement = [
      for statement in local.read.Statement : merge(statement, { Resource = local.resources[statement.Sid] })
      if length(local.resources[statement.Sid]) > 0
    ]
  })
}

resource "aws_iam_role" "this" {
  name = "tealgate-${var.name}"
  assume_role_policy = templatefile("${local.folder}/trust.json", {
    tealgate_role = var.tealgate_role_arn
    external_id   = var.external_id
  })
  # Tealgate asks for an hour, which is also all that one role gets from another.
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "deploy" {
  name   = local.file
  role   = aws_iam_role.this.name
  policy = jsonencode(local.policy)
}

resource "aws_iam_role_policy" "reading" {
  count = var.may_discover ? 1 : 0

  name   = "reading"
  role   = aws_iam_role.this.name
  policy = templatefile("${local.folder}/reading.json", local.names)
}
