variable "region" {
  type    = string
  default = "us-east-1"
}

variable "name" {
  description = "Prefix of every name."
  type        = string
  default     = "django-rolling"
}

variable "image" {
  description = "Image to begin with, with tag or digest, in a registry already: Nginx or Gunicorn on container_port."
  type        = string
}

variable "container_port" {
  type    = number
  default = 80
}

variable "health_check_path" {
  description = "A path that Django answers with 200 whatever the Host header says."
  type        = string
  default     = "/healthz"
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
