# The provider knows where it has another ending, as in China.
data "aws_service_principal" "ec2" {
  service_name = "ec2"
}

data "aws_iam_policy_document" "trust_ec2" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.ec2.name]
    }
  }
}

# The agent needs no more than to read the bundles, and to be installed.
data "aws_iam_policy_document" "reading" {
  statement {
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::${var.release_bucket}/*", "arn:${data.aws_partition.this.partition}:s3:::aws-codedeploy-${data.aws_region.this.name}/*"]
  }

  statement {
    actions   = ["s3:ListBucket"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::${var.release_bucket}"]
  }
}

resource "aws_iam_role" "instances" {
  name               = "${var.name}-instances"
  assume_role_policy = data.aws_iam_policy_document.trust_ec2.json
}

resource "aws_iam_role_policy" "instances" {
  name   = "releases"
  role   = aws_iam_role.instances.name
  policy = data.aws_iam_policy_document.reading.json
}

resource "aws_iam_instance_profile" "this" {
  name = "${var.name}-instances"
  role = aws_iam_role.instances.name
}

data "aws_service_principal" "code_deploy" {
  service_name = "codedeploy"
}

data "aws_iam_policy_document" "trust_code_deploy" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = [data.aws_service_principal.code_deploy.name]
    }
  }
}

resource "aws_iam_role" "code_deploy" {
  name               = "${var.name}-codedeploy"
  assume_role_policy = data.aws_iam_policy_document.trust_code_deploy.json
}

resource "aws_iam_role_policy_attachment" "code_deploy" {
  role       = aws_iam_role.code_deploy.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AWSCodeDeployRole"
}

# AWS's policy does not let CodeDeploy start instances from a launch template, which its copy of the group does.
data "aws_iam_policy_document" "copying" {
  statement {
    actions   = ["ec2:RunInstances", "ec2:CreateTags"]
    resources = ["*"]
  }

  statement {
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.instances.arn]
    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = [data.aws_service_principal.ec2.name]
    }
  }
}

resource "aws_iam_role_policy" "copying" {
  count = var.blue_green == null ? 0 : 1

  name   = "copying"
  role   = aws_iam_role.code_deploy.name
  policy = data.aws_iam_policy_document.copying.json
}
