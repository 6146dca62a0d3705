resource "aws_iam_role" "search" {
  for_each = {
    codedeploy   = ["codedeploy", "ecs-tasks"]
    codebuild    = ["codebuild"]
    codepipeline = ["codepipeline"]
  }

  name = "search-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      for service in each.value :
      { Sid = "", Effect = "Allow", Principal = { Service = "${service}.amazonaws.com" }, Action = "sts:AssumeRole" }
    ]
  })
}

resource "aws_iam_role_policy_attachment" "search_codedeploy" {
  role       = aws_iam_role.search["codedeploy"].name
  policy_arn = data.aws_iam_policy.aws["AWSCodeDeployRole"].arn
}

resource "aws_iam_policy" "search" {
  for_each = {
    codedeploy   = ["ecs:*", "elasticloadbalancing:*", "s3:GetObject", "iam:PassRole"]
    codebuild    = ["ecr:*", "logs:*", "s3:*"]
    codepipeline = ["s3:*", "codestar-connections:UseConnection", "codebuild:*", "codedeploy:*"]
  }

  name = "search-${each.key}"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = each.value, Resource = "*" }]
  })
}

resource "aws_iam_role_policy_attachment" "search" {
  for_each = aws_iam_policy.search

  role       = aws_iam_role.search[each.key].name
  policy_arn = each.value.arn
}

resource "aws_s3_bucket" "search" {
  bucket        = "search-artifacts"
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "search" {
  bucket                  = aws_s3_bucket.search.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_kms_key" "search" {
  description             = "Of what the pipeline hands on"
  deletion_window_in_days = 10
}

resource "aws_kms_alias" "search" {
  name          = "alias/search"
  target_key_id = aws_kms_key.search.key_id
}

resource "aws_codestarconnections_connection" "search" {
  name          = "github"
  provider_type = "GitHub"
}

resource "aws_codebuild_project" "search" {
  name          = "search"
  service_role  = aws_iam_role.search["codebuild"].arn
  build_timeout = 60

  source {
    type      = "CODEPIPELINE"
    buildspec = "version: 0.2"
  }

  artifacts {
    type      = "CODEPIPELINE"
    name      = "search"
    packaging = "NONE"
  }

  cache {
    type  = "LOCAL"
    modes = ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE", "LOCAL_CUSTOM_CACHE"]
  }

  environment {
    type                        = "ARM_CONTAINER"
    compute_type                = "BUILD_GENERAL1_SMALL"
    image                       = "aws/codebuild/amazonlinux2-aarch64-standard:3.0"
    image_pull_credentials_type = "CODEBUILD"

    environment_variable {
      name  = "CONFIGURATION"
      type  = "PLAINTEXT"
      value = "true"
    }
  }

  logs_config {
    cloudwatch_logs {
      status      = "ENABLED"
      group_name  = "/aws/codebuild/search"
      stream_name = "build"
    }

    s3_logs {
      status              = "DISABLED"
      encryption_disabled = false
    }
  }
}

resource "aws_codedeploy_app" "search" {
  name             = "search"
  compute_platform = "ECS"
}

resource "aws_codedeploy_deployment_group" "search" {
  app_name               = aws_codedeploy_app.search.name
  deployment_group_name  = "search"
  deployment_config_name = "CodeDeployDefault.ECSAllAtOnce"
  service_role_arn       = aws_iam_role.search["codedeploy"].arn

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE"]
  }

  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout = "CONTINUE_DEPLOYMENT"
    }

    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = 1
    }
  }

  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }

  ecs_service {
    cluster_name = aws_ecs_cluster.search.name
    service_name = aws_ecs_service.search.name
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [aws_lb_listener.search.arn]
      }

      target_group {
        name = aws_lb_target_group.search["blue"].name
      }

      target_group {
        name = aws_lb_target_group.search["green"].name
      }
    }
  }
}

resource "aws_codepipeline" "search" {
  name          = "search"
  role_arn      = aws_iam_role.search["codepipeline"].arn
  pipeline_type = "V2"

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.search.bucket

    encryption_key {
      type = "KMS"
      id   = aws_kms_alias.search.arn
    }
  }

  stage {
    name = "Source"

    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["source"]

      configuration = {
        ConnectionArn    = aws_codestarconnections_connection.search.arn
        FullRepositoryId = "shop/search"
        BranchName       = "main"
      }
    }
  }

  stage {
    name = "Build"

    action {
      name             = "Build"
      category         = "Build"
      owner            = "AWS"
      provider         = "CodeBuild"
      version          = "1"
      input_artifacts  = ["source"]
      output_artifacts = ["build"]
      configuration    = { ProjectName = aws_codebuild_project.search.name }
    }
  }

  stage {
    name = "Deploy"

    action {
      name            = "Deploy"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "CodeDeploy"
      version         = "1"
      region          = "ap-northeast-2"
      run_order       = 1
      input_artifacts = ["build"]

      configuration = {
        ApplicationName     = aws_codedeploy_app.search.name
        DeploymentGroupName = aws_codedeploy_deployment_group.search.deployment_group_name
      }
    }
  }
}
