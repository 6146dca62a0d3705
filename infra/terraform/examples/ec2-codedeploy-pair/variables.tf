variable "region" {
  type    = string
  default = "us-east-1"
}

variable "name" {
  description = "Prefix of every name."
  type        = string
  default     = "ec2-codedeploy"
}

variable "image" {
  description = "Image to begin with, with tag or digest, in a registry already. Later ones are deployed by Tealgate."
  type        = string
}

variable "container_port" {
  type    = number
  default = 8080
}

variable "health_check_path" {
  type    = string
  default = "/actuator/health"
}

variable "architecture" {
  description = "CPU that the image was built for: X86_64 or ARM64."
  type        = string
  default     = "X86_64"
}

variable "deployment_config_name" {
  description = "How traffic moves: one of AWS's five for ECS."
  type        = string
  default     = "CodeDeployDefault.ECSAllAtOnce"
}

variable "custom_deployment_config" {
  description = "Name of a deployment configuration of your own, for ECS, instead."
  type        = string
  default     = null
}

variable "domain" {
  description = "Name that people type, such as shop.example.com."
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
