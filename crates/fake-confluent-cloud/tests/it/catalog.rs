//! Tags of the catalog.

use serde_json::json;

use crate::fake::{Fake, Home};

#[test]
fn tags_are_defined_and_bound() {
    let home = Home::new(Fake::start());
    let tags = "/catalog/v1/types/tagdefs";
    let made = home.registry("POST", tags, json!([{"name": "PII", "description": "personal"}])).expect(200);
    assert_eq!((&made[0]["name"], &made[0]["version"]), (&json!("PII"), &json!(1)));
    home.registry("POST", tags, json!([{"name": "PII"}])).refused(400, "PII");
    let changed = home.registry("PUT", tags, json!([{"name": "PII", "description": "new"}])).expect(200);
    assert_eq!((&changed[0]["version"], &changed[0]["description"]), (&json!(2), &json!("new")));
    home.registry("PUT", tags, json!([{"name": "none"}])).refused(400, "none");
    assert_eq!(home.registry("GET", tags, None).expect(200).as_array().unwrap().len(), 1);
    home.registry("GET", &format!("{tags}/PII"), None).expect(200);

    let entity = format!("{}:{}:orders", home.registry, home.cluster);
    let binding = json!([{"entityType": "kafka_topic", "entityName": entity, "typeName": "PII"}]);
    home.registry(
        "POST",
        "/catalog/v1/entity/tags",
        json!([{"entityType": "kafka_topic", "entityName": entity, "typeName": "none"}]),
    )
    .refused(404, "none");
    home.registry("POST", "/catalog/v1/entity/tags", binding.clone()).expect(200);
    home.registry("POST", "/catalog/v1/entity/tags", binding).refused(400, "PII");
    let path = format!("/catalog/v1/entity/type/kafka_topic/name/{entity}/tags");
    assert_eq!(home.registry("GET", &path, None).expect(200)[0]["typeName"], "PII");
    home.registry("DELETE", &format!("{tags}/PII"), None).refused(400, "in use");
    home.registry("DELETE", &format!("{path}/PII"), None).expect(204);
    home.registry("DELETE", &format!("{path}/PII"), None).refused(400, "PII");
    home.registry("DELETE", &format!("{tags}/PII"), None).expect(204);
    home.registry("GET", &format!("{tags}/PII"), None).refused(404, "PII");
}
