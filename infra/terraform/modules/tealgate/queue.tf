locals {
  queue = {
    orm   = "orm"
    sqs   = "sqs://${data.aws_region.this.name}/${var.name}"
    redis = "rediss://${try(aws_elasticache_replication_group.this[0].primary_endpoint_address, "")}:6379/0"
  }[var.queue]
}

# What is lost or repeated costs a moment, so there is no dead-letter queue.
resource "aws_sqs_queue" "this" {
  count = var.queue == "sqs" ? 1 : 0

  name                       = var.name
  visibility_timeout_seconds = 300
  sqs_managed_sse_enabled    = true
}

resource "aws_elasticache_subnet_group" "this" {
  count = var.queue == "redis" ? 1 : 0

  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "redis" {
  count = var.queue == "redis" ? 1 : 0

  name        = "${var.name}-redis"
  description = "Redis of ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-redis" }
}

resource "aws_vpc_security_group_ingress_rule" "redis" {
  for_each = var.queue == "redis" ? local.clients : {}

  security_group_id            = aws_security_group.redis[0].id
  description                  = each.key
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 6379
  to_port                      = 6379
}

resource "aws_elasticache_replication_group" "this" {
  count = var.queue == "redis" ? 1 : 0

  replication_group_id       = var.name
  description                = "Queue of ${var.name}"
  engine                     = "redis"
  engine_version             = "7.1"
  node_type                  = "cache.t4g.micro"
  num_cache_clusters         = 1
  subnet_group_name          = aws_elasticache_subnet_group.this[0].name
  security_group_ids         = [aws_security_group.redis[0].id]
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
}
