locals {
  # What each service may do with the role that it assumes; the policies have no Version.
  cart_roles = {
    ecs-tasks    = ["ecr:*", "logs:*"]
    codebuild    = ["ecr:*", "logs:*", "s3:*"]
    codepipeline = ["s3:*", "codebuild:*", "codedeploy:*", "ecs:*", "iam:PassRole"]
  }
}

resource "aws_iam_role" "cart" {
  for_each = local.cart_roles

  name = "cart-${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { Service = ["${each.key}.amazonaws.com"] }, Action = ["sts:AssumeRole"] }
    ]
  })

  inline_policy {
    name   = "root"
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = each.value, Resource = "*" }] })
  }
}

resource "aws_iam_role" "cart_codedeploy" {
  name = "cart-codedeploy"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "codedeploy.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "cart_codedeploy" {
  role       = aws_iam_role.cart_codedeploy.name
  policy_arn = "arn:aws:iam::aws:policy/AWSCodeDeployRoleForECS"
}

resource "aws_s3_bucket" "cart" {
  for_each = toset(["artifacts", "cache"])

  bucket        = "cart-${each.key}"
  force_destroy = true
}

resource "aws_codebuild_project" "cart" {
  name          = "cart"
  description   = "Builds the image, and writes down what the deployment needs"
  service_role  = aws_iam_role.cart["codebuild"].arn
  build_timeout = 30

  source {
    type      = "S3"
    location  = "${aws_s3_bucket.cart["artifacts"].bucket}/source.zip"
    buildspec = "buildspec.yml"
  }

  artifacts {
    type     = "S3"
    location = aws_s3_bucket.cart["artifacts"].bucket
  }

  cache {
    type     = "S3"
    location = aws_s3_bucket.cart["cache"].bucket
  }

  environment {
    type                        = "LINUX_CONTAINER"
    compute_type                = "BUILD_GENERAL1_SMALL"
    image                       = "aws/codebuild/amazonlinux2-x86_64-standard:5.0"
    image_pull_credentials_type = "CODEBUILD"
    privileged_mode             = true

    environment_variable {
      name  = "REPOSITORY"
      value = aws_ecr_repository.cart.repository_url
    }
  }
}

resource "aws_codedeploy_app" "cart" {
  name             = "cart"
  compute_platform = "ECS"
}

resource "aws_codedeploy_deployment_config" "cart" {
  deployment_config_name = "cart"
  compute_platform       = "ECS"

  traffic_routing_config {
    type = "AllAtOnce"
  }
}

resource "aws_codedeploy_deployment_group" "cart" {
  app_name               = aws_codedeploy_app.cart.name
  deployment_group_name  = "cart"
  deployment_config_name = aws_codedeploy_deployment_config.cart.deployment_config_name
  service_role_arn       = aws_iam_role.cart_codedeploy.arn

  auto_rollback_configuration {
    enabled = true
    events  = ["DEPLOYMENT_FAILURE"]
  }

  blue_green_deployment_config {
    deployment_ready_option {
      action_on_timeout    = "CONTINUE_DEPLOYMENT"
      wait_time_in_minutes = 0
    }

    terminate_blue_instances_on_deployment_success {
      action                           = "TERMINATE"
      termination_wait_time_in_minutes = 5
    }
  }

  deployment_style {
    deployment_option = "WITH_TRAFFIC_CONTROL"
    deployment_type   = "BLUE_GREEN"
  }

  ecs_service {
    cluster_name = aws_ecs_cluster.cart.name
    service_name = aws_ecs_service.cart.name
  }

  load_balancer_info {
    target_group_pair_info {
      prod_traffic_route {
        listener_arns = [aws_lb_listener.cart.arn]
      }

      test_traffic_route {
        listener_arns = [aws_lb_listener.cart_test.arn]
      }

      dynamic "target_group" {
        for_each = aws_lb_target_group.cart

        content {
          name = target_group.value.name
        }
      }
    }
  }
}

resource "aws_codepipeline" "cart" {
  name     = "cart"
  role_arn = aws_iam_role.cart["codepipeline"].arn

  artifact_store {
    type     = "S3"
    location = aws_s3_bucket.cart["artifacts"].bucket
  }

  stage {
    name = "Source"

    action {
      name             = "Source"
      category         = "Source"
      owner            = "ThirdParty"
      provider         = "GitHub"
      version          = "1"
      output_artifacts = ["source"]

      configuration = {
        Owner      = "shop"
        Repo       = "cart"
        Branch     = "main"
        OAuthToken = "not-a-token"
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
      configuration    = { ProjectName = aws_codebuild_project.cart.name }
    }
  }

  stage {
    name = "Deploy"

    action {
      name            = "Deploy"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "CodeDeployToECS"
      version         = "1"
      run_order       = 1
      input_artifacts = ["build"]

      configuration = {
        ApplicationName                = aws_codedeploy_app.cart.name
        DeploymentGroupName            = aws_codedeploy_deployment_group.cart.deployment_group_name
        TaskDefinitionTemplateArtifact = "build"
        TaskDefinitionTemplatePath     = "taskdef.json"
        AppSpecTemplateArtifact        = "build"
        AppSpecTemplatePath            = "appspec.json"
      }
    }
  }
}
