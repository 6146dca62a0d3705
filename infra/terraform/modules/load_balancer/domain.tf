# The name itself, and a certificate: one that there is, or one from AWS, which renews it, proven by a record in the zone.

locals {
  own_certificate = local.https && var.certificate_arn == null ? 1 : 0
  with_zone       = var.zone_name == null ? 0 : 1
  zone_id         = one(concat(aws_route53_zone.this[*].zone_id, data.aws_route53_zone.this[*].zone_id))
  certificate_arn = one(concat(aws_acm_certificate_validation.this[*].certificate_arn, compact([var.certificate_arn])))
}

data "aws_route53_zone" "this" {
  count = var.create_zone ? 0 : local.with_zone

  name = var.zone_name
}

resource "aws_route53_zone" "this" {
  count = var.create_zone ? local.with_zone : 0

  name    = var.zone_name
  comment = "Of ${var.name}"
}

resource "aws_acm_certificate" "this" {
  count = local.own_certificate

  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  # The domain is known before the certificate is; what proves it is not.
  for_each = local.own_certificate == 1 ? toset([var.domain]) : []

  zone_id         = local.zone_id
  name            = one([for each_ in aws_acm_certificate.this[0].domain_validation_options : each_.resource_record_name if each_.domain_name == each.key])
  type            = one([for each_ in aws_acm_certificate.this[0].domain_validation_options : each_.resource_record_type if each_.domain_name == each.key])
  records         = [one([for each_ in aws_acm_certificate.this[0].domain_validation_options : each_.resource_record_value if each_.domain_name == each.key])]
  ttl             = 60
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count = local.own_certificate

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = values(aws_route53_record.validation)[*].fqdn
}

resource "aws_route53_record" "this" {
  count = local.with_zone

  zone_id = local.zone_id
  name    = var.domain
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = true
  }
}
