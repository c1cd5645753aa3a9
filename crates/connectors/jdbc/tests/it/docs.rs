//! `docs.md` holds the keys that the definitions declare.

use api::config::Catalog as _;

use crate::support::{AIVEN, CONFLUENT, registry};

// Run with SLUICE_UPDATE_DOCS=1 to write the tables anew.
#[test]
fn the_tables_of_keys_are_those_of_the_definitions() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut expected = text.clone();
    let registry = registry();
    for class in [CONFLUENT, AIVEN] {
        let plugin = registry.plugins().into_iter().find(|plugin| plugin.class == class).unwrap();
        let (begin, end) = (format!("<!-- keys of {class} -->\n"), format!("<!-- end of {class} -->"));
        let from = expected.find(&begin).expect("the mark of the table") + begin.len();
        let to = expected.find(&end).expect("the mark of the table's end");
        expected.replace_range(from..to, &format!("{}\n", plugin.definition.markdown()));
    }
    if std::env::var_os("SLUICE_UPDATE_DOCS").is_some() {
        std::fs::write(path, &expected).unwrap();
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), expected, "run the test with SLUICE_UPDATE_DOCS=1");
}
