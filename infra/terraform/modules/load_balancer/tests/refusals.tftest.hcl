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
