variable "region" {
  type    = string
  default = "us-east-1"
}

variable "name" {
  description = "Prefix of every name."
  type        = string
  default     = "tealgate"
}

variable "domain" {
  description = "Name that people type, such as tealgate.example.com."
  type        = string
}

variable "zone_name" {
  description = "Route 53 hosted zone that holds the domain, such as example.com; not needed with certificate_arn."
  type        = string
  default     = null
}

variable "create_zone" {
  description = "Make the hosted zone as well; see modules/load_balancer for the step in between."
  type        = bool
  default     = false
}

variable "certificate_arn" {
  description = "Certificate for the domain that there is in ACM, in this region; null makes one, proven in the hosted zone."
  type        = string
  default     = null
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

variable "nat" {
  description = "How private subnets reach AWS: gateway, or instance for a tenth of the price and one machine in one zone."
  type        = string
  default     = "gateway"

  validation {
    condition     = contains(["gateway", "instance"], var.nat)
    error_message = "nat is gateway or instance: database and tasks are in private subnets."
  }
}

variable "queue" {
  description = "orm (the database), sqs or redis."
  type        = string
  default     = "orm"
}

variable "event_roles" {
  description = "See modules/tealgate."
  type        = list(string)
  default     = []
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

variable "secret_recovery_days" {
  description = "How long secrets can be brought back after destroy; 0 for not at all."
  type        = number
  default     = 7
}

variable "test_cidrs" {
  description = "Who may call the test listener."
  type        = list(string)
  default     = []
}
