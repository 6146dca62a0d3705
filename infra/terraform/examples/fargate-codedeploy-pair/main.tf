# A Fargate service behind two target groups; CodeDeploy swaps all traffic at once, or a tenth first.

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
  zone_name       = var.zone_name
  create_zone     = var.create_zone
  certificate_arn = var.certificate_arn
  test_cidrs      = var.test_cidrs
  forward_to      = { target_group_arn = module.service.target_group_arns["blue"] }
}

module "cluster" {
  source = "../../modules/cluster"

  name = var.name
}

module "service" {
  source = "../../modules/blue_green_service"

  name                            = var.name
  controller                      = "CODE_DEPLOY"
  cluster                         = module.cluster.name
  vpc_id                          = module.network.vpc_id
  subnet_ids                      = module.network.task_subnet_ids
  assign_public_ip                = module.network.tasks_need_public_ip
  load_balancer_security_group_id = module.load_balancer.security_group_id
  listener_arns                   = module.load_balancer.listener_arns
  image                           = var.image
  container_port                  = var.container_port
  health_check                    = { path = var.health_check_path, timeout = 5, healthy = 5 }
  deployment_config_name          = var.deployment_config_name
  custom_deployment_config        = var.custom_deployment_config
  termination_wait_minutes        = 5
}
