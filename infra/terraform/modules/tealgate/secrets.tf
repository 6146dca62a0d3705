# Secrets Manager makes the values. A new one is offered at every plan, and only the first is ever taken: whoever wants
# another writes it into the secret and replaces the tasks.

data "aws_secretsmanager_random_password" "secret_key" {
  password_length     = 64
  exclude_punctuation = true
}

data "aws_secretsmanager_random_password" "first" {
  password_length     = 24
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "secret_key" {
  name_prefix             = "${var.name}/secret-key-"
  description             = "SECRET_KEY of Tealgate: signs sessions and tasks"
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "secret_key" {
  secret_id     = aws_secretsmanager_secret.secret_key.id
  secret_string = data.aws_secretsmanager_random_password.secret_key.random_password

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_secretsmanager_secret" "first_password" {
  name_prefix             = "${var.name}/first-password-"
  description             = "Password that Tealgate's first account gets; change it after the first sign-in"
  recovery_window_in_days = var.secret_recovery_days
}

resource "aws_secretsmanager_secret_version" "first_password" {
  secret_id     = aws_secretsmanager_secret.first_password.id
  secret_string = data.aws_secretsmanager_random_password.first.random_password

  lifecycle {
    ignore_changes = [secret_string]
  }
}
