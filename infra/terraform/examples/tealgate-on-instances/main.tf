# Tealgate on one or two small instances, reached by the load balancer's own name or by one with a certificate that there is.

locals {
  https = var.domain != null
}

module "network" {
  source = "../../modules/network"

  name = var.name
}

module "load_balancer" {
  source = "../../modules/load_balancer"

  name            = var.name
  vpc_id          = module.network.vpc_id
  subnet_ids      = module.network.public_subnet_ids
  domain          = var.domain
  certificate_arn = var.certificate_arn
  cidrs           = var.cidrs
  test_port       = null
}

module "cluster" {
  source = "../../modules/cluster"

  name = var.name
  instances = {
    type                             = var.architecture == "ARM64" ? "t4g.small" : "t3.small"
    architecture                     = var.architecture
    count                            = var.instances
    max                              = 2
    vpc_id                           = module.network.vpc_id
    subnet_ids                       = module.network.task_subnet_ids
    public_ip                        = module.network.tasks_need_public_ip
    load_balancer_security_group_ids = { load_balancer = module.load_balancer.security_group_id }
  }
}

module "tealgate" {
  source = "../../modules/tealgate"

  name                        = var.name
  host                        = local.https ? var.domain : module.load_balancer.dns_name
  plain_http                  = !local.https
  controller                  = "ROLLING"
  launch_type                 = "EC2"
  image                       = var.image
  nginx_image                 = var.nginx_image
  architecture                = var.architecture
  cluster                     = module.cluster.name
  vpc_id                      = module.network.vpc_id
  subnet_ids                  = module.network.private_subnet_ids
  instances_security_group_id = module.cluster.instances_security_group_id
  load_balancer_cidrs         = module.network.public_subnet_cidrs
  listener_arns               = module.load_balancer.listener_arns
  web                         = { cpu = 256, memory = 640, count = 1 }
  worker                      = { cpu = 256, memory = 512, count = 1 }
  database                    = var.database
  environment                 = var.environment
  secret_recovery_days        = var.secret_recovery_days
}

module "web_deployer" {
  source = "../../modules/deployer"

  name               = "${var.name}-web"
  controller         = "ROLLING"
  tealgate_role_arn  = module.tealgate.task_role_arn
  external_id        = var.external_id
  task_role_arn      = module.tealgate.task_role_arn
  execution_role_arn = module.tealgate.execution_role_arn
  names              = merge(module.tealgate.web_names, { repository = var.repository })
}

module "worker_deployer" {
  source = "../../modules/deployer"

  name               = "${var.name}-worker"
  controller         = "ROLLING"
  tealgate_role_arn  = module.tealgate.task_role_arn
  external_id        = var.external_id
  task_role_arn      = module.tealgate.task_role_arn
  execution_role_arn = module.tealgate.execution_role_arn
  names              = merge(module.tealgate.worker_names, { repository = var.repository })
}
