variable "name" {
  description = "Name of the repository, such as shop or shop/web; its role is called the same with -push."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*([._/-][a-z0-9]+)*$", var.name)) && length(var.name) >= 2 && length(var.name) <= 59
    error_message = "name is 2 to 59 lower-case letters and digits, with single dots, hyphens, underscores or slashes in between, and begins with a letter."
  }
}

variable "github" {
  description = <<-EOT
    Who may push, of GitHub Actions: runs of this repository for these refs, or in these of its environments. null for no
    role. provider_arn is GitHub's OIDC provider where the account has one already, since it can have but one; null
    makes it. audience is another one in China: sts.amazonaws.com.cn.
  EOT
  type = object({
    repository   = string
    refs         = optional(list(string), ["refs/heads/main"])
    environments = optional(list(string), [])
    provider_arn = optional(string)
    audience     = optional(string, "sts.amazonaws.com")
  })
  default = null

  validation {
    condition     = var.github == null || can(regex("^[A-Za-z0-9-]+/[\\w.-]+$", var.github.repository))
    error_message = "github.repository is owner/name, such as example/shop: with a * others could push as well."
  }

  validation {
    condition     = var.github == null || try(alltrue([for ref in var.github.refs : can(regex("^refs/(heads|tags)/[^*?]+\\*?$|^refs/tags/\\*$", ref))]), false)
    error_message = "github.refs are refs/heads/main, or tags such as refs/tags/v*: every branch there is would be everybody who may push one."
  }

  validation {
    condition     = var.github == null || try(alltrue([for name in var.github.environments : can(regex("^[^*?:]+$", name))]), false)
    error_message = "github.environments are names of environments on GitHub, without * and colons."
  }

  validation {
    condition     = var.github == null || try(length(var.github.refs) + length(var.github.environments) > 0, false)
    error_message = "github names no ref and no environment: nobody could push."
  }

  validation {
    condition     = try(var.github.provider_arn, null) == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/token\\.actions\\.githubusercontent\\.com$", var.github.provider_arn))
    error_message = "github.provider_arn is arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com, or null to make it."
  }
}

variable "force_delete" {
  description = "Whether destroy takes the images along. Without them nothing can be rolled back to."
  type        = bool
  default     = false
}
