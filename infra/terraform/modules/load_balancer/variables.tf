variable "name" {
  description = "Name of the load balancer."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}$", var.name))
    error_message = "name is 2 to 23 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Public subnets in two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids needs subnets in two zones: AWS refuses an application load balancer with fewer."
  }
}

variable "domain" {
  description = "Name that people type, such as shop.example.com. With it come a certificate, an alias record and HTTPS."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain is a host name such as shop.example.com, without scheme, port or path."
  }

  validation {
    condition     = (var.domain == null) == (var.zone_name == null)
    error_message = "domain and zone_name go together: give both, or neither for plain HTTP."
  }
}

variable "zone_name" {
  description = "Public Route 53 hosted zone that holds the domain, such as example.com. It has to exist."
  type        = string
  default     = null
}

variable "test_port" {
  description = "Port of the HTTP test listener; null for none."
  type        = number
  default     = 8080
  nullable    = true

  validation {
    condition     = var.test_port == null || (try(var.test_port >= 1, false) && try(var.test_port <= 65535, false) && !contains([80, 443], coalesce(var.test_port, 1)))
    error_message = "test_port is a port other than 80 and 443, or null for no test listener."
  }
}

variable "test_cidrs" {
  description = "Who may call the test listener: your office, and what Tealgate's smoke checks come from."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.test_cidrs : can(cidrhost(cidr, 0))])
    error_message = "test_cidrs are address ranges such as 203.0.113.0/24."
  }
}

variable "forward_to" {
  description = <<-EOT
    Target group that both listeners forward to at first, for what swaps or serves by the default action (CodeDeploy).
    Without it, whatever no listener rule takes is answered with 404.
  EOT
  type        = object({ target_group_arn = string })
  default     = null
}

variable "deletion_protection" {
  type    = bool
  default = false
}
