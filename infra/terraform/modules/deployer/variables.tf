variable "name" {
  description = "Of the environment, such as shop-production; the role is called tealgate-<name>."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,50}$", var.name))
    error_message = "name is 2 to 51 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "controller" {
  description = "As Tealgate calls it; CODE_DEPLOY_SERVER for bundles on servers."
  type        = string

  validation {
    condition     = contains(["SERVICE_PAIR", "ROLLING", "ECS", "EXPRESS_MODE", "CODE_DEPLOY", "CODE_DEPLOY_SERVER"], var.controller)
    error_message = "controller is SERVICE_PAIR, ROLLING, ECS, EXPRESS_MODE, CODE_DEPLOY or CODE_DEPLOY_SERVER."
  }
}

variable "tealgate_role_arn" {
  description = "Role that Tealgate itself runs as, in this account or in another."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/", var.tealgate_role_arn))
    error_message = "tealgate_role_arn is the ARN of a role, such as arn:aws:iam::123456789012:role/tealgate-task."
  }
}

variable "external_id" {
  description = "Without it nobody gets in. Make one up and give it to the environment in Tealgate as well."
  type        = string

  validation {
    condition     = can(regex("^[\\w+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "external_id is 2 to 1224 letters, digits and any of + = , . @ : / - _."
  }
}

variable "names" {
  description = "What it may deploy to; a name may end with *. Each controller takes some of them: see infra/iam/README.md."
  type = object({
    cluster                = optional(string)
    service                = optional(string)
    family                 = optional(string)
    repository             = optional(string)
    log_group              = optional(string)
    codedeploy_application = optional(string)
    codedeploy_group       = optional(string)
    bundle_bucket          = optional(string)
  })

  validation {
    condition     = alltrue([for name in values(var.names) : name == null || can(regex("^[\\w./*-]+$", name))])
    error_message = "names are letters, digits, hyphens, underscores, dots, slashes, and * for whatever is to follow."
  }

  validation {
    condition     = var.controller == "CODE_DEPLOY_SERVER" || alltrue([for name in [var.names.cluster, var.names.service, var.names.family] : name != null])
    error_message = "names needs cluster, service and family for every controller on ECS."
  }

  validation {
    condition     = !startswith(var.controller, "CODE_DEPLOY") || (var.names.codedeploy_application != null && var.names.codedeploy_group != null)
    error_message = "names needs codedeploy_application and codedeploy_group for CodeDeploy."
  }
}

variable "rules" {
  description = "SERVICE_PAIR: ARNs of the listener rules whose weights Tealgate moves; of a default rule, the listener's ARN."
  type        = object({ production = string, test = optional(string) })
  default     = null

  validation {
    condition     = var.controller != "SERVICE_PAIR" || var.rules != null
    error_message = "rules needs production for SERVICE_PAIR: Tealgate moves the weights of this rule, and of no other."
  }

  validation {
    condition     = var.rules == null || alltrue([for arn in values(coalesce(var.rules, {})) : arn == null || can(regex("^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:listener(-rule)?/app/[\\w/-]+$", arn))])
    error_message = "rules are ARNs of listener rules, or of listeners for their default rules."
  }
}

variable "task_role_arn" {
  description = "Of the task definition; null when it has none."
  type        = string
  default     = null
}

variable "execution_role_arn" {
  description = "Of the task definition; null when it has none."
  type        = string
  default     = null
}

variable "infrastructure_role_arn" {
  description = "Of ECS: the role that ECS shifts traffic by."
  type        = string
  default     = null
}

variable "may_discover" {
  description = "Whether Tealgate may also look around: for reading environments from AWS, and for all checks of preflight. Reads only."
  type        = bool
  default     = true
}
