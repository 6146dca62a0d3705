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
