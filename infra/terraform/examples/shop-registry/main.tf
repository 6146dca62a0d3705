# Where the shop's images are pushed by GitHub Actions, before there is anything to run them.

module "registry" {
  source = "../../modules/registry"

  name         = var.name
  github       = var.github
  force_delete = var.force_delete
}
