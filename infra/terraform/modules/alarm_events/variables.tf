variable "name" {
  description = "Of the rule, and the beginning of the role's. Another rule of this name on the default bus would be overwritten."
  type        = string
  default     = "tealgate-events"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9-]{1,39}$", var.name))
    error_message = "name is 2 to 40 letters, digits and hyphens, and begins with a letter."
  }
}

variable "target_arn" {
  description = "Tealgate's queue of events; from another region, the default event bus of the queue's region. To be known when it is planned."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:(sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+|events:[a-z0-9-]+:[0-9]{12}:event-bus/default)$", var.target_arn))
    error_message = "target_arn is the ARN of a standard queue, or of a default event bus such as arn:aws:events:eu-central-1:123456789012:event-bus/default."
  }
}
