output "security_group_id" {
  description = "What targets let in."
  value       = aws_security_group.this.id
}

output "arn_suffix" {
  value = aws_lb.this.arn_suffix
}

output "listener_arns" {
  description = "By what they are for: production, and test when there is one."
  value = merge(
    { production = aws_lb_listener.production.arn },
    var.test_port == null ? {} : { test = aws_lb_listener.test[0].arn },
  )
}

output "url" {
  description = "Where people go."
  value       = local.https ? "https://${var.domain}" : "http://${aws_lb.this.dns_name}"
}

output "test_url" {
  description = "Where testers go; null without a test listener."
  value       = var.test_port == null ? null : "http://${aws_lb.this.dns_name}:${var.test_port}"
}

output "dns_name" {
  description = "The load balancer's own name: where a record that somebody else keeps has to point, as CNAME or alias."
  value       = aws_lb.this.dns_name
}

output "name_servers" {
  description = "Of the hosted zone that was made here, for the registrar or the zone above; empty without."
  value       = flatten(aws_route53_zone.this[*].name_servers)
}
