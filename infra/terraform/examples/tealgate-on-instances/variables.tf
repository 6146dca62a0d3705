variable "region" {
  type    = string
  default = "us-east-1"
}

variable "name" {
  description = "Prefix of every name."
  type        = string
  default     = "tealgate"
}

variable "cidrs" {
  description = "Who may reach it: your office, your VPN, the runners that register releases. Never everybody without HTTPS."
  type        = list(string)

  validation {
    condition     = var.domain != null || alltrue([for cidr in var.cidrs : try(tonumber(split("/", cidr)[1]) >= 8, false)])
    error_message = "cidrs lets everybody in, or nearly, and there is no HTTPS: passwords and sessions would go through the internet for all to read and use. Name the address ranges of those who use it, such as 203.0.113.0/24, or give domain and certificate_arn."
  }
}

variable "domain" {
  description = "Name that people type, which certificate_arn is for; null for the load balancer's own name, over plain HTTP."
  type        = string
  default     = null

  validation {
    condition     = (var.domain == null) == (var.certificate_arn == null)
    error_message = "domain and certificate_arn go together: give both, or neither for plain HTTP by the load balancer's own name. With a hosted zone, take the example tealgate."
  }
}

variable "certificate_arn" {
  description = "Certificate for domain that there is in ACM, in this region."
  type        = string
  default     = null
}

variable "instances" {
  description = "Small instances to begin with: one holds all of it, with two it survives the loss of one."
  type        = number
  default     = 1

  validation {
    condition     = contains([1, 2], var.instances)
    error_message = "instances is 1 or 2."
  }
}

variable "image" {
  description = "Tealgate's image, from Dockerfile, with tag or digest."
  type        = string
}

variable "nginx_image" {
  description = "nginx's image, from nginx/Dockerfile, with tag or digest."
  type        = string
}

variable "repository" {
  description = "ECR repositories that Tealgate may read its own images from; a name may end with *."
  type        = string
  default     = "tealgate*"
}

variable "architecture" {
  description = "CPU that the images were built for: X86_64 or ARM64."
  type        = string
  default     = "X86_64"
}

variable "external_id" {
  description = "Made up by you; Tealgate says it when it becomes the role of one of its own environments."
  type        = string
}

variable "database" {
  description = "See modules/tealgate."
  type = object({
    instance_class = optional(string)
    multi_az       = optional(bool)
    backup_days    = optional(number)
    protected      = optional(bool)
    ca_file        = optional(string)
  })
  default = {}
}

variable "environment" {
  description = "More of Tealgate's settings, by name."
  type        = map(string)
  default     = {}
}

variable "secret_recovery_days" {
  description = "How long secrets can be brought back after destroy; 0 for not at all."
  type        = number
  default     = 7
}
