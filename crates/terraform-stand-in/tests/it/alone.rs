//! The program without Terraform.

use std::process::Command;

#[test]
fn it_says_what_it_is_when_it_is_started_by_hand() {
    let program = env!("CARGO_BIN_EXE_terraform-provider-confluent");
    let output = Command::new(program).env_remove("TF_PLUGIN_MAGIC_COOKIE").output().unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("Terraform starts it"), "{said}");
}
