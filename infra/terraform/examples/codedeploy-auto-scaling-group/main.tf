# An application on instances of an Auto Scaling group; CodeDeploy installs bundles, half of the instances at a time, or replaces them.

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
  forward_to = { target_group_arn = module.servers.target_group_arn }
}

resource "aws_s3_bucket" "releases" {
  bucket = var.release_bucket

  # A bucket with bundles in it goes with the rest when all of this is destroyed.
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "releases" {
  bucket = aws_s3_bucket.releases.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

module "servers" {
  source = "../../modules/codedeploy_servers"

  name                            = var.name
  vpc_id                          = module.network.vpc_id
  subnet_ids                      = module.network.task_subnet_ids
  assign_public_ip                = module.network.tasks_need_public_ip
  load_balancer_security_group_id = module.load_balancer.security_group_id
  release_bucket                  = aws_s3_bucket.releases.id
  port                            = var.port
  deployment_config_name          = var.deployment_config_name
  blue_green                      = var.blue_green
}
