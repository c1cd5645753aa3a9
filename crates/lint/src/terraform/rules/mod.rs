//! The rules, by what they look at. To add one: write it in the file of its area, and give it a fixture under
//! `tests/traps` (when a trap asks for it) or `tests/rules`.

mod acl;
mod alarm;
mod api_key;
mod aurora;
mod backend;
mod cdc;
mod connector_file;
mod connector_resource;
mod crn;
mod dead_letter;
mod declaration;
mod deferred;
mod egress;
mod exception;
mod grant;
mod ingress;
mod integration;
mod load_balancer;
mod metric;
mod protection;
mod script;
mod secret;
mod stack;
mod storage;
mod team;
mod wildcard;
mod workflow;

use super::rule::Rule;

pub(crate) use exception::ALLOW;

/// All rules, in the order of their codes.
pub fn all() -> Vec<&'static Rule> {
    let areas: [&[Rule]; 27] = [
        declaration::RULES,
        backend::RULES,
        exception::RULES,
        deferred::RULES,
        integration::RULES,
        grant::RULES,
        wildcard::RULES,
        api_key::RULES,
        acl::RULES,
        crn::RULES,
        ingress::RULES,
        egress::RULES,
        load_balancer::RULES,
        stack::RULES,
        connector_file::RULES,
        connector_resource::RULES,
        cdc::RULES,
        dead_letter::RULES,
        secret::RULES,
        team::RULES,
        metric::RULES,
        alarm::RULES,
        aurora::RULES,
        storage::RULES,
        protection::RULES,
        script::RULES,
        workflow::RULES,
    ];
    let mut rules: Vec<&'static Rule> = areas.into_iter().flatten().collect();
    rules.sort_by_key(|rule| rule.code);
    rules
}
