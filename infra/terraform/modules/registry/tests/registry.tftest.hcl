# Who may push, and what is refused, before anything is asked of AWS.

mock_provider "aws" {
  override_during = plan

  mock_resource "aws_iam_openid_connect_provider" {
    defaults = { arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name   = "shop"
  github = { repository = "example/shop" }
}

run "images_are_scanned_and_tags_stay" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push && aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE"
    error_message = "Images are not scanned, or tags can be moved."
  }
  assert {
    condition     = !aws_ecr_repository.this.force_delete
    error_message = "Destroy would take the images along."
  }
}

run "runs_of_the_main_branch_push_and_no_others" {
  command = plan

  assert {
    condition = {
      for condition in data.aws_iam_policy_document.trust_github[0].statement[0].condition : condition.variable => join(",", condition.values)
      } == {
      "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com"
      "token.actions.githubusercontent.com:sub" = "repo:example/shop:ref:refs/heads/main"
    }
    error_message = "Somebody else may push, or the main branch may not."
  }
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 1
    error_message = "Nobody says who GitHub is."
  }
}

run "a_provider_that_there_is_is_not_made_again" {
  command = plan

  variables {
    github = {
      repository   = "example/shop"
      refs         = ["refs/tags/v*"]
      environments = ["release"]
      provider_arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    }
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "An account has GitHub's provider once."
  }
  assert {
    condition = contains([
      for condition in data.aws_iam_policy_document.trust_github[0].statement[0].condition : join(",", condition.values)
    ], "repo:example/shop:ref:refs/tags/v*,repo:example/shop:environment:release")
    error_message = "Tags and environments are not those that were named."
  }
}

run "nobody_is_named" {
  command = plan

  variables {
    github = null
  }

  assert {
    condition     = length(aws_iam_role.push) + length(aws_iam_openid_connect_provider.github) == 0
    error_message = "A role is made for nobody."
  }
}

run "every_repository_of_an_owner" {
  command = plan

  variables {
    github = { repository = "example/*" }
  }

  expect_failures = [var.github]
}

run "every_branch" {
  command = plan

  variables {
    github = { repository = "example/shop", refs = ["refs/heads/*"] }
  }

  expect_failures = [var.github]
}

run "no_ref_at_all" {
  command = plan

  variables {
    github = { repository = "example/shop", refs = [] }
  }

  expect_failures = [var.github]
}

run "somebody_else_s_provider" {
  command = plan

  variables {
    github = { repository = "example/shop", provider_arn = "arn:aws:iam::123456789012:oidc-provider/gitlab.com" }
  }

  expect_failures = [var.github]
}

run "a_name_in_capitals" {
  command = plan

  variables {
    name = "Shop"
  }

  expect_failures = [var.name]
}
