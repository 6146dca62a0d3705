locals {
  # Who may reach the database, and Redis.
  clients = (
    local.fargate ? { web = module.web.security_group_id, tasks = one(aws_security_group.tasks[*].id) }
    : { instances = var.instances_security_group_id }
  )
  database_secret = one(aws_db_instance.this.master_user_secret[*].secret_arn)
  # Without a user and a password: DATABASE_SECRET has them.
  database_url = format("postgres://%s/tealgate?%s", aws_db_instance.this.endpoint, join("&", (
    var.database.ca_file == "" ? ["sslmode=require"] : ["sslmode=verify-full", "sslrootcert=${var.database.ca_file}"]
  )))
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "PostgreSQL of ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-database" }
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  for_each = local.clients

  security_group_id            = aws_security_group.database.id
  description                  = each.key
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
}

resource "aws_db_instance" "this" {
  identifier = var.name
  engine     = "postgres"
  # The newest minor version; later ones come by themselves, in the maintenance window.
  engine_version             = "17"
  auto_minor_version_upgrade = true
  instance_class             = var.database.instance_class
  multi_az                   = var.database.multi_az

  storage_type          = "gp3"
  allocated_storage     = 20
  max_allocated_storage = 100
  storage_encrypted     = true

  db_name  = "tealgate"
  username = "tealgate"
  # RDS makes the password, and another one every week. Nobody else knows it, Terraform's state included.
  manage_master_user_password = true

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.database.id]
  publicly_accessible    = false

  backup_retention_period   = var.database.backup_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.database.protected
  skip_final_snapshot       = !var.database.protected
  final_snapshot_identifier = "${var.name}-final"
}
