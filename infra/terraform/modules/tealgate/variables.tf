variable "name" {
  description = "Prefix of every name."
  type        = string
  default     = "tealgate"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}$", var.name))
    error_message = "name is 2 to 19 lower-case letters, digits and hyphens, and begins with a letter: names of target groups are short."
  }
}

variable "host" {
  description = "Host name that people type."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.host))
    error_message = "host is a host name such as tealgate.example.com, without scheme, port or path."
  }
}

variable "plain_http" {
  description = "Whether people reach it without HTTPS: inside a private network only, and every page says so."
  type        = bool
  default     = false
}

variable "controller" {
  description = "How web is swapped by itself: SERVICE_PAIR, by weights, or ROLLING, task by task, for half the tasks meanwhile."
  type        = string
  default     = "SERVICE_PAIR"

  validation {
    condition     = contains(["SERVICE_PAIR", "ROLLING"], var.controller)
    error_message = "controller is SERVICE_PAIR or ROLLING: CodeDeploy cannot go on while what drives it is replaced."
  }
}

variable "launch_type" {
  description = "FARGATE, or EC2 for a cluster with instances: bridge network, host ports chosen by Docker."
  type        = string
  default     = "FARGATE"

  validation {
    condition     = contains(["FARGATE", "EC2"], var.launch_type)
    error_message = "launch_type is FARGATE or EC2."
  }
}

variable "instances_security_group_id" {
  description = "Of EC2: the instances', which may reach the database."
  type        = string
  default     = null

  validation {
    condition     = var.launch_type == "FARGATE" || var.instances_security_group_id != null
    error_message = "On EC2 the database needs instances_security_group_id, or no task reaches it."
  }
}

variable "image" {
  description = "Tealgate's image, with tag or digest, in a registry already. Later ones are deployed by Tealgate."
  type        = string

  validation {
    condition     = can(regex("[:@][^/]+$", var.image))
    error_message = "image names a tag or, better, a digest: without one nobody can tell what runs."
  }
}

variable "nginx_image" {
  description = "The image of nginx/Dockerfile, with tag or digest."
  type        = string

  validation {
    condition     = can(regex("[:@][^/]+$", var.nginx_image))
    error_message = "nginx_image names a tag or, better, a digest: without one nobody can tell what runs."
  }
}

variable "architecture" {
  description = "CPU that both images were built for."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "architecture is X86_64 or ARM64."
  }
}

variable "cluster" {
  description = "Name of the cluster."
  type        = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Private subnets in two zones, for the database, and for tasks on Fargate, which need a way out."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids needs subnets in two zones: RDS refuses fewer."
  }
}

variable "load_balancer_security_group_id" {
  description = "The only one that web tasks on Fargate let in."
  type        = string
  default     = null

  validation {
    condition     = var.launch_type == "EC2" || var.load_balancer_security_group_id != null
    error_message = "On Fargate web needs load_balancer_security_group_id, or its tasks are never healthy."
  }
}

variable "load_balancer_cidrs" {
  description = "Networks of the load balancer: nginx believes these, and nobody else, about clients and HTTPS."
  type        = list(string)

  validation {
    condition     = length(var.load_balancer_cidrs) > 0 && alltrue([for cidr in var.load_balancer_cidrs : can(cidrhost(cidr, 0)) && !endswith(cidr, "/0")])
    error_message = "load_balancer_cidrs are address ranges such as 10.0.0.0/20, and never everybody: without them browsers are sent in circles, with /0 anybody could write any address into the log of sign-ins."
  }
}

variable "listener_arns" {
  description = "Listeners by what they are for: production, and test."
  type        = map(string)
}

variable "web" {
  description = "Size of a web task, nginx included, and how many there are at first. The smallest, cpu 256 and memory 512, answers its health checks under 16 pages at once; Fargate has no less than 1024 of memory for cpu 512."
  type = object({
    cpu    = optional(number, 512)
    memory = optional(number, 1024)
    count  = optional(number, 2)
  })
  default = {}

  validation {
    condition     = var.web.cpu >= 256 && var.web.memory >= 512
    error_message = "web has at least cpu 256 and memory 512."
  }
}

variable "worker" {
  description = "Size of a worker task, and how many there are at first. Two share the work, and one may be lost. Half of the smallest, cpu 256 and memory 512, is what it takes after a hundred deployments; it starts more slowly."
  type = object({
    cpu    = optional(number, 512)
    memory = optional(number, 1024)
    count  = optional(number, 2)
  })
  default = {}

  validation {
    condition     = var.worker.cpu >= 256 && var.worker.memory >= 512
    error_message = "worker has at least cpu 256 and memory 512."
  }
}

variable "queue" {
  description = "What nudges the workers: orm (the database), sqs or redis; the latter two are made here."
  type        = string
  default     = "orm"

  validation {
    condition     = contains(["orm", "sqs", "redis"], var.queue)
    error_message = "queue is orm, sqs or redis."
  }
}

variable "database" {
  description = <<-EOT
    PostgreSQL. multi_az survives the loss of a zone, for twice the price. protected: it cannot be deleted, and destroy
    keeps a last snapshot. ca_file: where the image has the certificates by which the server is recognized; ""
    encrypts without looking who answers.
  EOT
  type = object({
    instance_class = optional(string, "db.t4g.micro")
    multi_az       = optional(bool, false)
    backup_days    = optional(number, 14)
    protected      = optional(bool, true)
    ca_file        = optional(string, "/app/certificates/database.pem")
  })
  default = {}

  validation {
    condition     = var.database.backup_days >= 1 && var.database.backup_days <= 35
    error_message = "database.backup_days is 1 to 35: a database without backups is lost one day."
  }

  validation {
    condition     = var.database.ca_file == "" || can(regex("^/[\\w./-]+$", var.database.ca_file))
    error_message = "database.ca_file is a path in the image, such as /app/certificates/database.pem, or \"\"."
  }
}

variable "deployer_role" {
  description = "What the roles of your environments are called, in every account: the only ones Tealgate may assume."
  type        = string
  default     = "tealgate-*"

  validation {
    condition     = can(regex("^[\\w+=,.@-]+\\*?$", var.deployer_role))
    error_message = "deployer_role is the name of a role, or its beginning and *; * alone would be every role there is."
  }
}

variable "environment" {
  description = "More of Tealgate's settings, by name."
  type        = map(string)
  default     = {}

  validation {
    condition     = !can(regex("(?i)^sqlite", lookup(var.environment, "DATABASE_URL", "")))
    error_message = "DATABASE_URL is SQLite: a task has no disk of its own that stays, and on EFS SQLite's locks do not hold, so that two tasks would spoil the file. Leave it out; this module makes PostgreSQL."
  }
}

variable "secrets" {
  description = "More of Tealgate's settings by name, such as METRICS_TOKEN, with ARNs of Secrets Manager or Parameter Store."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for arn in values(var.secrets) : startswith(arn, "arn:")])
    error_message = "secrets are ARNs, not values."
  }
}

variable "notification_topics" {
  description = "ARNs of SNS topics by which people are told."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.notification_topics : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[\\w-]+(\\.fifo)?$", arn))])
    error_message = "notification_topics are ARNs of topics, such as arn:aws:sns:eu-central-1:123456789012:deploys, without *."
  }
}

variable "notification_buses" {
  description = "ARNs of EventBridge's buses by which programs are told."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.notification_buses : can(regex("^arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/[\\w./-]+$", arn))])
    error_message = "notification_buses are ARNs of buses, such as arn:aws:events:eu-central-1:123456789012:event-bus/deploys, without *."
  }
}

variable "secret_recovery_days" {
  description = "How long secrets can be brought back after destroy; 0 for not at all."
  type        = number
  default     = 7

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "secret_recovery_days is 0, or 7 to 30."
  }
}

variable "time_zone" {
  description = "Of the people who use it, such as Europe/Berlin."
  type        = string
  default     = "UTC"
}

variable "log_retention_days" {
  type    = number
  default = 90
}

variable "event_roles" {
  description = "Who else may send to the queue of events: role_arn of alarm_events in other accounts, made before or after."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.event_roles : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\\w+=,.@/-]+$", arn))])
    error_message = "event_roles are ARNs of roles, such as arn:aws:iam::210987654321:role/tealgate-events-eu-central-1, without *."
  }
}
