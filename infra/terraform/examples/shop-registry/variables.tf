variable "region" {
  type    = string
  default = "us-east-1"
}

variable "name" {
  description = "Name of the repository."
  type        = string
  default     = "shop"
}

variable "github" {
  description = "Who may push, of GitHub Actions; see modules/registry. null for no role."
  type = object({
    repository   = string
    refs         = optional(list(string))
    environments = optional(list(string))
    provider_arn = optional(string)
    audience     = optional(string)
  })
  default = null
}

variable "force_delete" {
  description = "Whether destroy takes the images along."
  type        = bool
  default     = false
}
