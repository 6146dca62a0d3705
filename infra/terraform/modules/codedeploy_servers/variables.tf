variable "name" {
  description = "Name of the application, its deployment group's prefix, Auto Scaling group and target group."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}$", var.name))
    error_message = "name is 2 to 23 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "group" {
  description = "Name of the deployment group, such as the environment's."
  type        = string
  default     = "production"
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Where instances live; they need a way out, to the agent's and the release's buckets."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 1
    error_message = "subnet_ids names at least one subnet."
  }
}

variable "assign_public_ip" {
  description = "True in subnets without a NAT."
  type        = bool
  default     = false
}

variable "load_balancer_security_group_id" {
  description = "The only one that instances let in."
  type        = string
}

variable "release_bucket" {
  description = "Name of the S3 bucket that bundles are read from."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{2,62}$", var.release_bucket))
    error_message = "release_bucket is the name of a bucket, not its ARN or address."
  }
}

variable "image_id" {
  description = "Image of the instances; null for Amazon Linux 2023, on which the CodeDeploy agent is installed at first start."
  type        = string
  default     = null
}

variable "instance_type" {
  type    = string
  default = "t3.micro"
}

variable "instances" {
  description = "How many, at least and at most."
  type        = object({ min = number, desired = number, max = number })
  default     = { min = 2, desired = 2, max = 4 }

  validation {
    condition     = var.instances.min >= 1 && var.instances.min <= var.instances.desired && var.instances.desired <= var.instances.max
    error_message = "instances: 1 <= min <= desired <= max. With one instance there is no half that keeps serving."
  }
}

variable "port" {
  description = "Port that the application listens on."
  type        = number
  default     = 8000

  validation {
    condition     = var.port >= 1 && var.port <= 65535
    error_message = "port is 1 to 65535."
  }
}

variable "health_check" {
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

variable "deregistration_delay" {
  description = "Seconds that an instance may finish its requests in, before it is deployed to."
  type        = number
  default     = 10

  validation {
    condition     = var.deregistration_delay >= 0 && var.deregistration_delay <= 3600
    error_message = "deregistration_delay is 0 to 3600 seconds."
  }
}

variable "deployment_config_name" {
  description = "How many instances at a time, by one of the three that AWS has for servers."
  type        = string
  default     = "CodeDeployDefault.HalfAtATime"

  validation {
    condition     = contains(["CodeDeployDefault.AllAtOnce", "CodeDeployDefault.HalfAtATime", "CodeDeployDefault.OneAtATime"], var.deployment_config_name)
    error_message = "There is no deployment configuration ${var.deployment_config_name} for servers. There are CodeDeployDefault.AllAtOnce, CodeDeployDefault.HalfAtATime and CodeDeployDefault.OneAtATime. Name one of your own in custom_deployment_config."
  }
}

variable "custom_deployment_config" {
  description = "Name of a deployment configuration of your own, for servers, instead; null for deployment_config_name."
  type        = string
  default     = null

  validation {
    condition     = var.custom_deployment_config == null || can(regex("^[\\w.@+=,-]{1,100}$", var.custom_deployment_config)) && !startswith(lower(coalesce(var.custom_deployment_config, "-")), "codedeploydefault")
    error_message = "custom_deployment_config is the name of one that you made (aws_codedeploy_deployment_config, compute platform Server); names that begin with CodeDeployDefault are AWS's, and belong in deployment_config_name."
  }
}

variable "blue_green" {
  description = <<-EOT
    Replace the instances instead of installing on them: CodeDeploy copies the Auto Scaling group, and ends the one
    before. null installs in place. ready_wait_minutes is how long traffic waits for Tealgate's gate, and
    termination_wait_minutes how long the previous instances are kept, to roll back to. first_group: false once the
    first release is out, because the Auto Scaling group made here is gone then.
  EOT
  type = object({
    ready_wait_minutes       = optional(number, 1440)
    termination_wait_minutes = optional(number, 60)
    first_group              = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.blue_green == null || try(var.blue_green.ready_wait_minutes >= 1 && var.blue_green.ready_wait_minutes <= 2880, false)
    error_message = "blue_green.ready_wait_minutes is 1 to 2880: with 0 nobody is asked."
  }

  validation {
    condition     = var.blue_green == null || try(var.blue_green.termination_wait_minutes >= 0 && var.blue_green.termination_wait_minutes <= 2880, false)
    error_message = "blue_green.termination_wait_minutes is 0 to 2880."
  }
}
