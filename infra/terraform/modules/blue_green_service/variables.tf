variable "name" {
  description = "Name of the service, its task definitions' family, target groups, roles and log group."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}$", var.name))
    error_message = "name is 2 to 23 lower-case letters, digits and hyphens, and begins with a letter: names of target groups are short."
  }
}

variable "controller" {
  description = <<-EOT
    How Tealgate is to swap it: SERVICE_PAIR (two services, Tealgate moves the weights of a listener rule), CODE_DEPLOY
    (one service, CodeDeploy swaps the listener's target group) or ROLLING (one service, ECS replaces its tasks).
  EOT
  type        = string

  validation {
    condition     = contains(["SERVICE_PAIR", "CODE_DEPLOY", "ROLLING"], var.controller)
    error_message = "controller is SERVICE_PAIR, CODE_DEPLOY or ROLLING. ECS's own blue/green takes version 6 of the AWS provider."
  }
}

variable "launch_type" {
  description = "FARGATE, or EC2 for a cluster with instances: bridge network, host ports chosen by Docker."
  type        = string
  default     = "FARGATE"

  validation {
    condition     = contains(["FARGATE", "EC2"], var.launch_type)
    error_message = "launch_type is FARGATE or EC2."
  }
}

variable "cluster" {
  description = "Name of the cluster."
  type        = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Where Fargate tasks live."
  type        = list(string)
  default     = []

  validation {
    condition     = var.launch_type == "EC2" || length(var.subnet_ids) > 0
    error_message = "A Fargate service needs subnet_ids."
  }
}

variable "assign_public_ip" {
  description = "Whether Fargate tasks need public addresses: true in subnets without a NAT."
  type        = bool
  default     = false
}

variable "load_balancer_security_group_id" {
  description = "The only one that Fargate tasks let in."
  type        = string
  default     = null

  validation {
    condition     = var.launch_type == "EC2" || var.load_balancer_security_group_id != null
    error_message = "A Fargate service needs load_balancer_security_group_id, or its tasks are never healthy."
  }
}

variable "listener_arns" {
  description = "Listeners by what they are for: production, and test, which ROLLING has no use for."
  type        = map(string)

  validation {
    condition     = contains(keys(var.listener_arns), "production") && length(setsubtract(keys(var.listener_arns), ["production", "test"])) == 0
    error_message = "listener_arns has the key production, perhaps the key test, and no other."
  }
}

variable "rule_priority" {
  description = "Priority of the listener rules, for several services behind one listener."
  type        = number
  default     = 100

  validation {
    condition     = var.rule_priority >= 1 && var.rule_priority <= 50000
    error_message = "rule_priority is 1 to 50000."
  }
}

variable "path_patterns" {
  description = "Requests that the listener rules take."
  type        = list(string)
  default     = ["/*"]

  validation {
    condition     = length(var.path_patterns) >= 1 && length(var.path_patterns) <= 5
    error_message = "path_patterns are one to five patterns: AWS allows no more in one rule."
  }
}

variable "image" {
  description = "Image of the first revision, in a registry already. Later ones are deployed by Tealgate."
  type        = string

  validation {
    condition     = can(regex("[:@][^/]+$", var.image))
    error_message = "image names a tag or, better, a digest: without one nobody can tell what runs."
  }
}

variable "architecture" {
  description = "CPU that the image was built for."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture is X86_64 or ARM64."
  }
}

variable "container_name" {
  type    = string
  default = "web"
}

variable "container_port" {
  type    = number
  default = 8000

  validation {
    condition     = var.container_port >= 1 && var.container_port <= 65535
    error_message = "container_port is 1 to 65535."
  }
}

variable "cpu" {
  description = "CPU units of a task; 1024 are one CPU."
  type        = number
  default     = 256

  validation {
    condition     = var.launch_type == "EC2" || contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "Fargate's cpu is 256, 512, 1024, 2048, 4096, 8192 or 16384."
  }
}

variable "memory" {
  description = "MiB of a task, as a hard limit."
  type        = number
  default     = 512

  validation {
    condition     = var.memory >= 128
    error_message = "memory is at least 128 MiB; Fargate wants 512 or more."
  }
}

variable "environment" {
  type    = map(string)
  default = {}
}

variable "secrets" {
  description = "Variables by name, with ARNs of Secrets Manager or Parameter Store: values never pass through Terraform."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for arn in values(var.secrets) : startswith(arn, "arn:")])
    error_message = "secrets are ARNs, not values."
  }
}

variable "task_policy_json" {
  description = "What the application itself may do on AWS; null for nothing."
  type        = string
  default     = null
}

variable "roles" {
  description = "Roles of the tasks, when they exist already; null makes both. Secrets and policies are then theirs to allow."
  type        = object({ task_arn = string, execution_arn = string })
  default     = null

  validation {
    condition     = var.roles == null || var.task_policy_json == null
    error_message = "task_policy_json belongs to a task role that is made here; give it to the one in roles instead."
  }
}

variable "container" {
  description = "More of the container that the load balancer reaches, in ECS's own words, such as { stopTimeout = 30 }."
  type        = any
  default     = {}
}

variable "containers" {
  description = "More containers of the task, as ECS's container definitions. They log to the same group."
  type        = any
  default     = []

  validation {
    condition     = can([for each_ in var.containers : each_.name]) && !contains([for each_ in var.containers : each_.name], var.container_name)
    error_message = "containers is a list of container definitions, each with a name of its own."
  }
}

variable "volumes" {
  description = "Empty volumes of the task, by name, for the mountPoints of its containers: where they write with a read-only root."
  type        = list(string)
  default     = []
}

variable "desired_count" {
  description = "Tasks at first, and the fewest that automatic scaling keeps. Terraform never changes how many run."
  type        = number
  default     = 2

  validation {
    condition     = var.desired_count >= 1
    error_message = "desired_count is at least 1."
  }
}

variable "max_count" {
  description = "Scale up to this many tasks at 60 % CPU; null for no automatic scaling."
  type        = number
  default     = null

  validation {
    condition     = var.max_count == null || try(var.max_count >= var.desired_count, false)
    error_message = "max_count is at least desired_count, or null."
  }
}

variable "health_check" {
  description = "What the load balancer asks. Faster checks make faster deployments."
  type = object({
    path      = optional(string, "/healthz")
    matcher   = optional(string, "200")
    interval  = optional(number, 10)
    timeout   = optional(number, 5)
    healthy   = optional(number, 2)
    unhealthy = optional(number, 2)
  })
  default = {}

  validation {
    condition     = startswith(var.health_check.path, "/") && var.health_check.timeout < var.health_check.interval
    error_message = "health_check.path begins with a slash, and health_check.timeout is shorter than health_check.interval."
  }
}

variable "health_check_grace_period" {
  description = "Seconds for a task to start, before a failed check replaces it."
  type        = number
  default     = 60
}

variable "deregistration_delay" {
  description = "Seconds that a task may finish its requests in. AWS's 300 are what makes deployments slow."
  type        = number
  default     = 10

  validation {
    condition     = var.deregistration_delay >= 0 && var.deregistration_delay <= 3600
    error_message = "deregistration_delay is 0 to 3600 seconds."
  }
}

variable "deployment_config_name" {
  description = "Of CODE_DEPLOY: how traffic moves, by one of the five that AWS has for ECS."
  type        = string
  default     = "CodeDeployDefault.ECSAllAtOnce"

  validation {
    condition = contains([
      "CodeDeployDefault.ECSAllAtOnce",
      "CodeDeployDefault.ECSCanary10Percent5Minutes",
      "CodeDeployDefault.ECSCanary10Percent15Minutes",
      "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
      "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
    ], var.deployment_config_name)
    error_message = "There is no deployment configuration ${var.deployment_config_name} for ECS. There are CodeDeployDefault.ECSAllAtOnce, ECSCanary10Percent5Minutes, ECSCanary10Percent15Minutes, ECSLinear10PercentEvery1Minutes and ECSLinear10PercentEvery3Minutes, each after CodeDeployDefault and a dot; those of AWS Lambda and of servers are others. Name one of your own in custom_deployment_config."
  }
}

variable "custom_deployment_config" {
  description = "Of CODE_DEPLOY: name of a deployment configuration of your own, for ECS, instead; null for deployment_config_name."
  type        = string
  default     = null

  validation {
    condition     = var.custom_deployment_config == null || can(regex("^[\\w.@+=,-]{1,100}$", var.custom_deployment_config)) && !startswith(lower(coalesce(var.custom_deployment_config, "-")), "codedeploydefault")
    error_message = "custom_deployment_config is the name of one that you made (aws_codedeploy_deployment_config, compute platform ECS); names that begin with CodeDeployDefault are AWS's, and belong in deployment_config_name."
  }
}

variable "ready_wait_minutes" {
  description = "Of CODE_DEPLOY: how long traffic waits for Tealgate's gate, before CodeDeploy gives up."
  type        = number
  default     = 1440

  validation {
    condition     = var.ready_wait_minutes >= 1 && var.ready_wait_minutes <= 2880
    error_message = "ready_wait_minutes is 1 to 2880: with 0 nobody is asked."
  }
}

variable "termination_wait_minutes" {
  description = "Of CODE_DEPLOY: how long the previous tasks are kept, to roll back to."
  type        = number
  default     = 5

  validation {
    condition     = var.termination_wait_minutes >= 0 && var.termination_wait_minutes <= 2880
    error_message = "termination_wait_minutes is 0 to 2880."
  }
}

variable "log_retention_days" {
  type    = number
  default = 30
}
