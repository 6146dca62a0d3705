# Each run is refused by the variable that it names, before anything is asked of AWS.

mock_provider "aws" {}

variables {
  name       = "shop"
  vpc_id     = "vpc-1"
  subnet_ids = ["subnet-1", "subnet-2"]
}

run "one_subnet" {
  command = plan

  variables {
    subnet_ids = ["subnet-1"]
  }

  expect_failures = [var.subnet_ids]
}

run "a_domain_without_its_zone" {
  command = plan

  variables {
    domain = "shop.example.com"
  }

  expect_failures = [var.domain]
}

run "an_address_instead_of_a_domain" {
  command = plan

  variables {
    domain    = "https://shop.example.com/"
    zone_name = "example.com"
  }

  expect_failures = [var.domain]
}

run "a_test_listener_on_the_port_of_production" {
  command = plan

  variables {
    test_port = 443
  }

  expect_failures = [var.test_port]
}

run "testers_by_name" {
  command = plan

  variables {
    test_cidrs = ["office"]
  }

  expect_failures = [var.test_cidrs]
}

run "a_zone_without_its_domain" {
  command = plan

  variables {
    zone_name = "example.com"
  }

  expect_failures = [var.domain]
}

run "a_domain_of_another_zone" {
  command = plan

  variables {
    domain    = "shop.notexample.com"
    zone_name = "example.com"
  }

  expect_failures = [var.domain]
}

run "a_zone_to_be_made_without_a_name" {
  command = plan

  variables {
    create_zone = true
  }

  expect_failures = [var.create_zone]
}

run "a_certificate_without_the_name_it_is_for" {
  command = plan

  variables {
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/1b2c"
  }

  expect_failures = [var.domain]
}

run "a_certificate_of_iam" {
  command = plan

  variables {
    domain          = "shop.example.com"
    certificate_arn = "arn:aws:iam::123456789012:server-certificate/shop"
  }

  expect_failures = [var.certificate_arn]
}

run "people_by_name" {
  command = plan

  variables {
    cidrs = ["office"]
  }

  expect_failures = [var.cidrs]
}

run "a_given_certificate_needs_no_zone" {
  command = plan

  variables {
    domain          = "shop.example.com"
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/1b2c"
  }

  assert {
    condition     = aws_lb_listener.production.certificate_arn == var.certificate_arn && aws_lb_listener.production.port == 443
    error_message = "The listener does not show the certificate."
  }
  assert {
    condition     = length(aws_acm_certificate.this) + length(aws_route53_record.this) + length(data.aws_route53_zone.this) == 0
    error_message = "Something is made in a zone that nobody named."
  }
}

run "a_given_certificate_and_a_zone_make_the_record_only" {
  command = plan

  variables {
    domain          = "shop.example.com"
    zone_name       = "example.com"
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/1b2c"
  }

  assert {
    condition     = length(aws_route53_record.this) == 1 && length(aws_acm_certificate.this) == 0
    error_message = "The name has no record, or a second certificate."
  }
}

run "a_zone_is_made_on_wish" {
  command = plan

  variables {
    domain      = "shop.example.com"
    zone_name   = "example.com"
    create_zone = true
  }

  assert {
    condition     = aws_route53_zone.this[0].name == "example.com" && length(data.aws_route53_zone.this) == 0
    error_message = "The zone is not made, or looked for before it is there."
  }
}

run "only_those_who_are_named_get_in" {
  command = plan

  variables {
    cidrs = ["203.0.113.0/24", "10.0.0.0/8"]
  }

  assert {
    condition     = toset(values(aws_vpc_security_group_ingress_rule.people)[*].cidr_ipv4) == toset(var.cidrs)
    error_message = "Somebody else gets in, or somebody who was named does not."
  }
}
