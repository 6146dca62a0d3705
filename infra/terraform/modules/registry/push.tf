# GitHub Actions pushes as this role: for each run GitHub signs who it is, and no key is kept anywhere.

locals {
  issuer        = "token.actions.githubusercontent.com"
  with_github   = var.github == null ? 0 : 1
  own_provider  = var.github != null && try(var.github.provider_arn, null) == null ? 1 : 0
  provider_arn  = one(concat(aws_iam_openid_connect_provider.github[*].arn, compact([try(var.github.provider_arn, null)])))
  runs_by_refs  = try([for ref in var.github.refs : "repo:${var.github.repository}:ref:${ref}"], [])
  runs_by_names = try([for name in var.github.environments : "repo:${var.github.repository}:environment:${name}"], [])
}

resource "aws_iam_openid_connect_provider" "github" {
  count = local.own_provider

  url            = "https://${local.issuer}"
  client_id_list = [var.github.audience]
}

data "aws_iam_policy_document" "trust_github" {
  count = local.with_github

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [local.provider_arn]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = [var.github.audience]
    }
    # Not pull requests, whose runs say so: anybody may open one.
    condition {
      test     = "StringLike"
      variable = "${local.issuer}:sub"
      values   = concat(local.runs_by_refs, local.runs_by_names)
    }
  }
}

data "aws_iam_policy_document" "push" {
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload",
      "ecr:PutImage", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:DescribeImages",
    ]
    resources = [aws_ecr_repository.this.arn]
  }
}

resource "aws_iam_role" "push" {
  count = local.with_github

  # A repository's name may have slashes, a role's may not.
  name                 = "${replace(var.name, "/", "-")}-push"
  assume_role_policy   = data.aws_iam_policy_document.trust_github[0].json
  max_session_duration = 3600
}

resource "aws_iam_role_policy" "push" {
  count = local.with_github

  name   = "push"
  role   = aws_iam_role.push[0].name
  policy = data.aws_iam_policy_document.push.json
}
