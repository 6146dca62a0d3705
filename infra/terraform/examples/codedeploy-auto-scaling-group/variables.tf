variable "region" {
  type    = string
  default = "us-east-1"
}

variable "name" {
  description = "Prefix of every name."
  type        = string
  default     = "codedeploy-servers"
}

variable "release_bucket" {
  description = "Name of the bucket for bundles, made here; unique in the world."
  type        = string
}

variable "port" {
  description = "Port that the application listens on."
  type        = number
  default     = 8000
}

variable "deployment_config_name" {
  description = "How many instances at a time."
  type        = string
  default     = "CodeDeployDefault.HalfAtATime"
}

variable "blue_green" {
  description = "Replace the instances instead of installing on them; see modules/codedeploy_servers. null installs in place."
  type = object({
    ready_wait_minutes       = optional(number)
    termination_wait_minutes = optional(number)
    first_group              = optional(bool)
  })
  default = null
}

variable "deployer" {
  description = "Role that Tealgate assumes to deploy here; null when it has the rights by itself."
  type        = object({ role_arn = string, external_id = optional(string, "") })
  default     = null

  validation {
    condition     = var.deployer == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/", var.deployer.role_arn))
    error_message = "deployer.role_arn is the ARN of a role, such as arn:aws:iam::123456789012:role/tealgate-deployer."
  }
}
