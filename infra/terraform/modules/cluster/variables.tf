variable "name" {
  description = "Name of the cluster."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}$", var.name))
    error_message = "name is 2 to 23 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "instances" {
  description = <<-EOT
    Container instances, for services with launch type EC2; null for Fargate alone. A swap runs both versions at once:
    leave room for twice the tasks.
  EOT
  type = object({
    type                             = optional(string, "t3.small")
    architecture                     = optional(string, "X86_64")
    count                            = optional(number, 2)
    max                              = optional(number, 4)
    vpc_id                           = string
    subnet_ids                       = list(string)
    public_ip                        = optional(bool, false)
    load_balancer_security_group_ids = map(string)
  })
  default = null

  validation {
    condition     = var.instances == null || try(contains(["X86_64", "ARM64"], var.instances.architecture), false)
    error_message = "instances.architecture is X86_64 or ARM64, and fits instances.type: t4g are ARM64, t3 are X86_64."
  }

  validation {
    condition     = var.instances == null || try(var.instances.count >= 1 && var.instances.max >= var.instances.count, false)
    error_message = "instances.count is at least 1 and at most instances.max."
  }
}
