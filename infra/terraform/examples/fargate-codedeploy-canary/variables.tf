variable "region" {
  type    = string
  default = "us-east-1"
}

variable "name" {
  description = "Prefix of every name."
  type        = string
  default     = "codedeploy-canary"
}

variable "image" {
  description = "Image to begin with, with tag or digest, in a registry already. Later ones are deployed by Tealgate."
  type        = string
}

variable "container_port" {
  type    = number
  default = 3000
}

variable "health_check_path" {
  type    = string
  default = "/health"
}

variable "domain" {
  description = "Name that people type; null for plain HTTP on port 80."
  type        = string
  default     = null
}

variable "zone_name" {
  description = "Route 53 hosted zone that holds the domain; goes together with it."
  type        = string
  default     = null
}

variable "test_cidrs" {
  description = "Who may call the test listener."
  type        = list(string)
  default     = []
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
