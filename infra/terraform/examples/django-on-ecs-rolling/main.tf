# Django behind Nginx on ECS with instances; ECS replaces the tasks of one service.

module "network" {
  source = "../../modules/network"

  name = var.name
}

module "load_balancer" {
  source = "../../modules/load_balancer"

  name       = var.name
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.public_subnet_ids
  test_port  = null
}

module "cluster" {
  source = "../../modules/cluster"

  name = var.name
  instances = {
    type                             = "t3.micro"
    vpc_id                           = module.network.vpc_id
    subnet_ids                       = module.network.task_subnet_ids
    public_ip                        = module.network.tasks_need_public_ip
    load_balancer_security_group_ids = { load_balancer = module.load_balancer.security_group_id }
  }
}

module "service" {
  source = "../../modules/blue_green_service"

  name           = var.name
  controller     = "ROLLING"
  launch_type    = "EC2"
  cluster        = module.cluster.name
  vpc_id         = module.network.vpc_id
  listener_arns  = module.load_balancer.listener_arns
  image          = var.image
  container_port = var.container_port
  cpu            = 128
  memory         = 256
  desired_count  = 1
  health_check   = { path = var.health_check_path }
}
