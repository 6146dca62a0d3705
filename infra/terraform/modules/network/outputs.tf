output "vpc_id" {
  value = aws_vpc.this.id
}

output "public_subnet_ids" {
  description = "For load balancers."
  value       = values(aws_subnet.public)[*].id
}

output "public_subnet_cidrs" {
  description = "Where load balancers call from."
  value       = values(aws_subnet.public)[*].cidr_block
}

output "private_subnet_ids" {
  value = values(aws_subnet.private)[*].id
}

output "task_subnet_ids" {
  description = "Where tasks and instances belong: private subnets when there is a NAT, else public ones."
  value       = values(var.nat == "none" ? aws_subnet.public : aws_subnet.private)[*].id

  # Whoever starts here pulls images, which takes a way out.
  depends_on = [aws_route.internet, aws_route.nat_gateway, aws_route.nat_instance]
}

output "tasks_need_public_ip" {
  description = "Whether tasks and instances reach the internet only with a public address."
  value       = var.nat == "none"
}
