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
  description = "How many instances at a time."
  type        = string
  default     = "CodeDeployDefault.HalfAtATime"

  validation {
    condition     = !startswith(var.deployment_config_name, "CodeDeployDefault.ECS") && !startswith(var.deployment_config_name, "CodeDeployDefault.Lambda")
    error_message = "That deployment configuration is not for servers; AllAtOnce, HalfAtATime and OneAtATime are."
  }
}
