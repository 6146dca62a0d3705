# Two services on instances behind one name with HTTPS: Tealgate moves the traffic between them by the rule's weights.

module "network" {
  source = "../../modules/network"

  name = var.name
  nat  = "instance"
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
  instances = {
    type                             = var.architecture == "ARM64" ? "t4g.small" : "t3.small"
    architecture                     = var.architecture
    vpc_id                           = module.network.vpc_id
    subnet_ids                       = module.network.task_subnet_ids
    load_balancer_security_group_ids = { load_balancer = module.load_balancer.security_group_id }
  }
}

module "service" {
  source = "../../modules/blue_green_service"

  name           = var.name
  controller     = "SERVICE_PAIR"
  launch_type    = "EC2"
  cluster        = module.cluster.name
  vpc_id         = module.network.vpc_id
  listener_arns  = module.load_balancer.listener_arns
  image          = var.image
  architecture   = var.architecture
  container_port = var.container_port
  desired_count  = 2
  max_count      = 3
  health_check   = { path = var.health_check_path }
  # A Java application takes its time to start.
  health_check_grace_period = 120
}
