# Tealgate itself, in a network of its own, with the two roles by which it deploys itself.

module "network" {
  source = "../../modules/network"

  name = var.name
  nat  = var.nat
}

module "load_balancer" {
  source = "../../modules/load_balancer"

  name            = var.name
  vpc_id          = module.network.vpc_id
  subnet_ids      = module.network.public_subnet_ids
  domain          = var.domain
  zone_name       = var.zone_name
  create_zone     = var.create_zone
  certificate_arn = var.certificate_arn
  test_cidrs      = var.test_cidrs
}

module "cluster" {
  source = "../../modules/cluster"

  name = var.name
}

module "tealgate" {
  source = "../../modules/tealgate"

  name                            = var.name
  host                            = var.domain
  image                           = var.image
  nginx_image                     = var.nginx_image
  architecture                    = var.architecture
  cluster                         = module.cluster.name
  vpc_id                          = module.network.vpc_id
  subnet_ids                      = module.network.task_subnet_ids
  load_balancer_security_group_id = module.load_balancer.security_group_id
  load_balancer_cidrs             = module.network.public_subnet_cidrs
  listener_arns                   = module.load_balancer.listener_arns
  queue                           = var.queue
  event_roles                     = var.event_roles
  database                        = var.database
  secret_recovery_days            = var.secret_recovery_days
}

module "web_deployer" {
  source = "../../modules/deployer"

  name               = "${var.name}-web"
  controller         = "SERVICE_PAIR"
  tealgate_role_arn  = module.tealgate.task_role_arn
  external_id        = var.external_id
  task_role_arn      = module.tealgate.task_role_arn
  execution_role_arn = module.tealgate.execution_role_arn
  names              = merge(module.tealgate.web_names, { repository = var.repository })
  rules              = module.tealgate.web_rules
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
