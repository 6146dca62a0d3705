variable "name" {
  description = "Prefix of every name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}$", var.name))
    error_message = "name is 2 to 23 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "cidr" {
  description = "Address range of the VPC. Each of its four subnets gets a sixteenth of it."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrsubnet(var.cidr, 4, 3)) && tonumber(split("/", var.cidr)[1]) <= 24
    error_message = "cidr is an IPv4 range of /24 or larger, such as 10.0.0.0/16."
  }
}

variable "availability_zones" {
  description = "Two zones. Empty: the region's first two."
  type        = list(string)
  default     = []

  validation {
    condition     = contains([0, 2], length(distinct(var.availability_zones)))
    error_message = "availability_zones is empty or names two different zones: a load balancer needs two."
  }
}

variable "nat" {
  description = <<-EOT
    How private subnets reach the internet: none (tasks then live in the public subnets, with public addresses),
    instance (one small instance: cheap, and down when its zone is) or gateway (about ten times the price, managed).
  EOT
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "instance", "gateway"], var.nat)
    error_message = "nat is none, instance or gateway."
  }
}

variable "nat_instance_type" {
  description = "Type of the NAT instance; x86, to fit its image."
  type        = string
  default     = "t3.nano"
}
