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
