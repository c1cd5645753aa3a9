//! Change data capture from PostgreSQL.

use crate::terraform::rule::Rule;

/// Plugins that follow the write-ahead log.
pub(super) fn is_cdc(class: &str) -> bool {
    class.contains("Cdc") || class.starts_with("io.debezium.")
}

pub(crate) const RULES: &[Rule] = &[
    Rule {
        id: "cdc-by-polling",
        code: "SL1331",
        summary: "a connector that is called CDC and polls",
        help: "use PostgresCdcSourceV2 (managed) or a PostgreSQL change capture connector: polling sees neither deletes nor the updates between two polls",
        check: |tree, report| {
            for connector in &tree.connectors {
                let file = connector.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
                let named =
                    [connector.name.clone(), file].into_iter().flatten().any(|name| is_called_cdc(&name));
                let short = connector.short_class();
                if named
                    && (short == "JdbcSourceConnector" || short == "PostgresSource" || short == "JdbcSource")
                {
                    report.key(
                        connector,
                        "connector.class",
                        format!("{short} reads no changes, it polls tables"),
                    );
                }
            }
        },
    },
    Rule {
        id: "cdc-first-version",
        code: "SL1332",
        summary: "the first version of the managed PostgreSQL CDC connector, or its keys",
        help: "use PostgresCdcSourceV2 with `topic.prefix`; the first version has reached its end of life, and its `database.server.name` means nothing to the second",
        check: |tree, report| {
            for connector in &tree.connectors {
                match connector.class().as_str() {
                    "PostgresCdcSource" => {
                        report.key(
                            connector,
                            "connector.class",
                            "PostgresCdcSource has reached its end of life",
                        );
                    }
                    "PostgresCdcSourceV2" if connector.config.contains_key("database.server.name") => {
                        report.key(
                            connector,
                            "database.server.name",
                            "database.server.name is a key of the first version",
                        );
                    }
                    _ => {}
                }
            }
        },
    },
];

fn is_called_cdc(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case("cdc"))
}
