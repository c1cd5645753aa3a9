//! `sluice aws`.

use aws::{Error, Target, TargetGroup, refresh};
use serde_json::{Value, json};

use crate::arguments::{Aws, AwsCommand, Format, RefreshTargets};
use crate::exit::Exit;
use crate::output;

const REFRESH: &str = "aws refresh-targets";

/// Runs a command of `sluice aws`.
pub fn run(options: &Aws) -> Exit {
    match &options.command {
        AwsCommand::RefreshTargets(options) => refresh_targets(options),
    }
}

fn refresh_targets(options: &RefreshTargets) -> Exit {
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(why) => return fail(options, &why, Exit::Failed),
    };
    let refreshed = runtime.block_on(async {
        let group = TargetGroup::new(options.target_group.clone(), options.endpoint_url.as_deref())?;
        let plan = refresh::plan(&group, refresh::resolve(&options.host), options.port).await?;
        if !options.dry_run {
            refresh::apply(&group, &plan).await?;
        }
        Ok(plan)
    });
    match refreshed {
        Ok(plan) => {
            show(options, &plan);
            Exit::Done
        }
        Err(error) => {
            let exit = match error {
                Error::Usage(_) => Exit::Usage,
                Error::Permission(_) => Exit::Permission,
                Error::Unreachable(_) => Exit::Unreachable,
                _ => Exit::Failed,
            };
            fail(options, &error.to_string(), exit)
        }
    }
}

fn show(options: &RefreshTargets, plan: &refresh::Plan) {
    let did = if options.dry_run { "would be " } else { "" };
    let summary = format!(
        "{} {did}registered, {} {did}deregistered, {} unchanged",
        plan.register.len(),
        plan.deregister.len(),
        plan.unchanged.len()
    );
    match options.output {
        Format::Table => {
            for (sign, targets) in [("+", &plan.register), ("-", &plan.deregister), ("=", &plan.unchanged)] {
                for Target { address, port } in targets {
                    outln!("{sign} {address}:{port}");
                }
            }
            outln!("{summary}");
        }
        Format::Json => {
            let list = |targets: &[Target]| -> Value {
                targets.iter().map(|target| json!({"address": target.address, "port": target.port})).collect()
            };
            let result = json!({
                "targetGroup": options.target_group.as_str(),
                "host": options.host,
                "dryRun": options.dry_run,
                "registered": list(&plan.register),
                "deregistered": list(&plan.deregister),
                "unchanged": list(&plan.unchanged),
            });
            outln!("{:#}", output::envelope(REFRESH, true, &summary, result, None));
        }
    }
}

fn fail(options: &RefreshTargets, why: &str, exit: Exit) -> Exit {
    output::error(why);
    if options.output == Format::Json {
        outln!("{:#}", output::envelope(REFRESH, false, "failed", Value::Null, Some(why)));
    }
    exit
}
