# A certificate that AWS renews by itself, proven by a record in the hosted zone, and the name itself.

data "aws_route53_zone" "this" {
  count = local.https ? 1 : 0

  name = var.zone_name
}

resource "aws_acm_certificate" "this" {
  count = local.https ? 1 : 0

  domain_name       = var.domain
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  # The domain is known before the certificate is; what proves it is not.
  for_each = local.https ? toset([var.domain]) : []

  zone_id         = data.aws_route53_zone.this[0].zone_id
  name            = one([for each_ in aws_acm_certificate.this[0].domain_validation_options : each_.resource_record_name if each_.domain_name == each.key])
  type            = one([for each_ in aws_acm_certificate.this[0].domain_validation_options : each_.resource_record_type if each_.domain_name == each.key])
  records         = [one([for each_ in aws_acm_certificate.this[0].domain_validation_options : each_.resource_record_value if each_.domain_name == each.key])]
  ttl             = 60
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count = local.https ? 1 : 0

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = values(aws_route53_record.validation)[*].fqdn
}

resource "aws_route53_record" "this" {
  count = local.https ? 1 : 0

  zone_id = data.aws_route53_zone.this[0].zone_id
  name    = var.domain
  type    = "A"

  alias {
    name                   = aws_lb.this.dns_name
    zone_id                = aws_lb.this.zone_id
    evaluate_target_health = true
  }
}
