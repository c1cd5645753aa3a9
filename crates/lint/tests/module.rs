//! What a module declares is read as its README's tables need it.

use std::fs;

use sluice_lint::Error;
use sluice_lint::terraform::{Module, ResourceMode};

#[test]
fn a_module_is_read_in_the_order_of_its_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("variables.tf"),
        r#"
variable "name" {
  description = "Prefix of all names."
  type        = string

  validation {
    condition     = length(var.name) < 20
    error_message = "name is ${length(var.name)} characters long, at most 19 are allowed."
  }
}

variable "cluster" {
  description = <<-EOT
    What the cluster is.
    Two lines.
  EOT
  type = object({
    cku  = optional(number, 1)
    type = string
  })
  default = {
    type = "basic"
  }
  nullable = false
}

variable "secret" {
  type      = string
  default   = null
  sensitive = true
}
"#,
    )
    .unwrap();
    fs::write(
        folder.path().join("main.tf"),
        r#"
terraform {
  required_version = ">= 1.11.0"
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = "~> 5.100"
      configuration_aliases = [aws.dr]
    }
  }
}
data "aws_region" "this" {}
resource "aws_s3_bucket" "this" { bucket = var.name }
module "label" { source = "../label" }
output "arn" {
  value     = aws_s3_bucket.this.arn
  sensitive = true
}
"#,
    )
    .unwrap();
    fs::create_dir(folder.path().join("tests")).unwrap();
    fs::write(folder.path().join("tests/other.tf"), "variable \"other\" {}").unwrap();

    let module = Module::read(folder.path()).unwrap();

    assert_eq!(module.required_version.as_deref(), Some(">= 1.11.0"));
    assert_eq!(module.providers[0].source.as_deref(), Some("hashicorp/aws"));
    assert_eq!(module.providers[0].version.as_deref(), Some("~> 5.100"));
    assert_eq!(module.providers[0].aliases, ["aws.dr"]);
    let [name, cluster, secret] = &module.variables[..] else { panic!("{:?}", module.variables) };
    assert_eq!((name.name.as_str(), name.required, name.line), ("name", true, 2));
    assert_eq!(name.validations, ["name is ${length(var.name)} characters long, at most 19 are allowed."]);
    assert_eq!(cluster.description.as_deref().map(str::trim), Some("What the cluster is.\nTwo lines."));
    assert_eq!(
        cluster.type_text.as_deref(),
        Some("object({\n  cku  = optional(number, 1)\n  type = string\n})")
    );
    assert_eq!(cluster.default.as_deref(), Some("{\n  type = \"basic\"\n}"));
    assert!(cluster.not_null && !cluster.required);
    assert!(secret.sensitive && !secret.required);
    assert_eq!(secret.default.as_deref(), Some("null"));
    assert!(module.outputs[0].sensitive);
    assert_eq!(module.modules[0].source.as_deref(), Some("../label"));
    let resources: Vec<_> =
        module.resources.iter().map(|resource| (resource.mode, resource.r#type.as_str())).collect();
    assert_eq!(resources, [(ResourceMode::Data, "aws_region"), (ResourceMode::Managed, "aws_s3_bucket")]);
}

#[test]
fn what_does_not_parse_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("main.tf"), "variable \"a\" {\n  type = string,\n}\n").unwrap();
    let error = Module::read(folder.path()).unwrap_err();
    assert!(matches!(error, Error::Hcl { line: 2, .. }), "{error}");
    assert!(error.to_string().contains("main.tf:2:"), "{error}");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let error = Module::read(std::path::Path::new("no/such/folder")).unwrap_err();
    assert!(error.to_string().contains("no/such/folder"), "{error}");
}
