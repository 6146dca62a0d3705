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
  description = "Name that people type, such as shop.example.com, for HTTPS; null for plain HTTP. With it goes zone_name, certificate_arn, or both."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain is a host name such as shop.example.com, without scheme, port or path."
  }

  validation {
    condition     = var.domain == null || var.zone_name != null || var.certificate_arn != null
    error_message = "domain needs zone_name, the hosted zone in which a certificate for it can be proven, or certificate_arn of one that there is."
  }

  validation {
    condition     = var.domain != null || var.zone_name == null
    error_message = "zone_name is the hosted zone that holds domain: give both, or neither for plain HTTP."
  }

  validation {
    condition     = var.domain == null || try(endswith(".${var.domain}", ".${trimsuffix(var.zone_name, ".")}"), true)
    error_message = "domain is not in zone_name: it is the zone's own name, or ends with a dot and that."
  }

  validation {
    condition     = var.domain != null || var.certificate_arn == null
    error_message = "certificate_arn needs domain, the name that the certificate is for: nobody gets one for a load balancer's own name, and browsers refuse another's."
  }
}

variable "zone_name" {
  description = "Public Route 53 hosted zone that gets the domain's record, such as example.com. It has to exist, unless create_zone."
  type        = string
  default     = null
}

variable "create_zone" {
  description = "Make the hosted zone as well. Nobody finds it before the registrar, or the zone above, names its name_servers."
  type        = bool
  default     = false

  validation {
    condition     = !var.create_zone || var.zone_name != null
    error_message = "create_zone needs zone_name, what the hosted zone is to be called."
  }
}

variable "certificate_arn" {
  description = "Certificate for domain that there is in ACM, in the load balancer's region; null makes one. With it, no hosted zone is needed."
  type        = string
  default     = null

  validation {
    condition     = var.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[\\w-]+$", var.certificate_arn))
    error_message = "certificate_arn is the ARN of a certificate in ACM, such as arn:aws:acm:eu-central-1:123456789012:certificate/…"
  }
}

variable "cidrs" {
  description = "Who may call the production listener."
  type        = list(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = length(var.cidrs) > 0 && alltrue([for cidr in var.cidrs : can(cidrhost(cidr, 0)) && can(regex("\\.", cidr))])
    error_message = "cidrs are IPv4 address ranges such as 203.0.113.0/24, one at least."
  }
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
