//! All rules as a page of the manual.

use crate::plan;
use crate::terraform::rules;

/// The page, in Markdown.
pub fn rule_page() -> String {
    let mut text = String::from(
        "# Rules\n\n\
         `sluice terraform lint DIR` checks Terraform, connector files, scripts, workflows and the code blocks of pages\n\
         below a folder. `sluice terraform gate PLAN` checks a plan. Both exit with 4 when a rule is broken.\n\n\
         An exception stands where it is made, names the rule, and says why:\n\n\
         ```hcl\n\
         # sluice:allow world-open-ingress the endpoint is public on purpose, see the security model\n\
         resource \"aws_vpc_security_group_ingress_rule\" \"public\" {\n\
         ```\n\n\
         In pages it is `<!-- sluice:allow RULE reason -->`, in scripts and workflows `# sluice:allow RULE reason`. The gate\n\
         takes permits by address instead: `--allow-destroy ADDRESS`, once for each.\n\n\
         ## Files\n\n| code | rule | refuses | instead |\n|---|---|---|---|\n",
    );
    for rule in rules::all() {
        text.push_str(&row(rule.code, rule.id, rule.summary, rule.help));
    }
    text.push_str("\n## Plans\n\n| code | rule | refuses | instead |\n|---|---|---|---|\n");
    text.push_str(&row(
        "SL1600",
        "errored-plan",
        "a plan that is not complete because planning failed",
        "repair what the log of `terraform plan` names, and plan again; no permit helps",
    ));
    for rule in plan::rules::ALL {
        text.push_str(&row(rule.code, rule.id, rule.summary, rule.help));
    }
    text
}

fn row(code: &str, id: &str, summary: &str, help: &str) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('<', "\\<");
    format!("| {code} | `{id}` | {} | {} |\n", cell(summary), cell(help))
}
