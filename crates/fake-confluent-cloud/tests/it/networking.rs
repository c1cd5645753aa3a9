//! Networks, Private Link, gateways, access points, DNS: their lives, and what they need of each other.

use serde_json::{Value, json};

use crate::fake::{Fake, id, reference};

fn network(environment: &str) -> Value {
    json!({"spec": {
        "display_name": "net", "cloud": "AWS", "region": "eu-central-1", "connection_types": ["PRIVATELINK"],
        "zones": ["euc1-az1", "euc1-az2", "euc1-az3"], "dns_config": {"resolution": "PRIVATE"},
        "environment": reference(environment),
    }})
}

fn access(environment: &str, network: &str, account: &str) -> Value {
    json!({"spec": {
        "display_name": "pla", "cloud": {"kind": "AwsPrivateLinkAccess", "account": account},
        "environment": reference(environment), "network": reference(network),
    }})
}

fn gateway(environment: &str, kind: &str) -> Value {
    json!({"spec": {
        "display_name": "gw", "config": {"kind": kind, "region": "eu-central-1"}, "environment": reference(environment),
    }})
}

fn egress(environment: &str, gateway: &str) -> Value {
    json!({"spec": {
        "display_name": "ap", "environment": reference(environment), "gateway": reference(gateway),
        "config": {
            "kind": "AwsEgressPrivateLinkEndpoint", "enable_high_availability": true,
            "vpc_endpoint_service_name": "com.amazonaws.vpce.eu-central-1.vpce-svc-0123456789abcdef0",
        },
    }})
}

fn record(environment: &str, gateway: &str, point: &str) -> Value {
    json!({"spec": {
        "display_name": "rec", "domain": "db.example", "environment": reference(environment),
        "gateway": reference(gateway), "config": {"kind": "PrivateLinkAccessPoint", "resource_id": point},
    }})
}

/// Phases of an object until it is what was waited for.
fn phases(fake: &Fake, path: &str, times: usize) -> Vec<Value> {
    (0..times).map(|_| fake.cloud("GET", path, None).expect(200)["status"]["phase"].clone()).collect()
}

#[test]
fn a_network_takes_its_time_to_come_and_to_go() {
    let fake = Fake::with(|options| {
        options.pending_reads = 2;
        options.delete_reads = 1;
    });
    let environment = fake.environment("home");
    let made = fake.cloud("POST", "/networking/v1/networks", network(&environment)).expect(202);
    assert_eq!(made["status"]["phase"], "PROVISIONING");
    let path = format!("/networking/v1/networks/{}?environment={environment}", id(&made));
    assert_eq!(phases(&fake, &path, 3), ["PROVISIONING", "PROVISIONING", "READY"]);
    let ready = fake.cloud("GET", &path, None).expect(200);
    let status = &ready["status"];
    assert_eq!(status["cloud"]["kind"], "AwsNetwork");
    let service = status["cloud"]["private_link_endpoint_service"].as_str().unwrap();
    assert!(service.starts_with("com.amazonaws.vpce.eu-central-1.vpce-svc-0"), "{service}");
    let domain = status["dns_domain"].as_str().unwrap();
    assert_eq!(status["zonal_subdomains"]["euc1-az2"], format!("euc1-az2.{domain}"));
    fake.cloud("DELETE", &path, None).expect(204);
    assert_eq!(phases(&fake, &path, 1), ["DEPROVISIONING"]);
    fake.cloud("GET", &path, None).refused(404, "not found");
}

#[test]
fn a_network_is_refused_when_it_makes_no_sense() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let cases: [(&str, Value, &str); 6] = [
        ("zones", json!(["eu-central-1a"]), "eu-central-1a"),
        ("zones", json!(["euc1-az1", "euc1-az2"]), "one or three"),
        ("connection_types", json!(["VPN"]), "connection_types"),
        ("dns_config", json!({"resolution": "PUBLIC"}), "PUBLIC"),
        ("cloud", json!("AZURE"), "AWS only"),
        ("environment", reference("env-none"), "env-none"),
    ];
    for (key, value, why) in cases {
        let mut body = network(&environment);
        body["spec"][key] = value;
        fake.cloud("POST", "/networking/v1/networks", body).refused(400, why);
    }
    let mut peering = network(&environment);
    peering["spec"]["connection_types"] = json!(["PEERING"]);
    fake.cloud("POST", "/networking/v1/networks", peering).refused(400, "cidr");
}

/// The blueprint reads the principal to allow from the network's own gateway.
#[test]
fn a_private_link_network_brings_an_egress_gateway() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let made = fake.cloud("POST", "/networking/v1/networks", network(&environment)).expect(202);
    let gateway = made["spec"]["gateway"]["id"].as_str().unwrap();
    let path = format!("/networking/v1/gateways/{gateway}?environment={environment}");
    let shown = fake.cloud("GET", &path, None).expect(200);
    assert!(shown["status"]["cloud_gateway"]["principal_arn"].as_str().unwrap().starts_with("arn:aws:iam::"));
    assert_eq!(fake.counts(), json!({"environment": 1, "network": 1}));
    fake.cloud("DELETE", &format!("/networking/v1/networks/{}?environment={environment}", id(&made)), None)
        .expect(204);
    fake.cloud("GET", &path, None).refused(404, gateway);
}

#[test]
fn access_is_for_accounts_and_keeps_its_network() {
    let fake = Fake::with(|options| options.delete_reads = 1);
    let environment = fake.environment("home");
    let net = id(&fake.cloud("POST", "/networking/v1/networks", network(&environment)).expect(202));
    let path = "/networking/v1/private-link-accesses";
    fake.cloud("POST", path, access(&environment, &net, "1234")).refused(400, "12 digits");
    fake.cloud("POST", path, access(&environment, "n-none", "123456789012")).refused(400, "n-none");
    let made = fake.cloud("POST", path, access(&environment, &net, "123456789012")).expect(202);
    let one = format!("{path}/{}?environment={environment}", id(&made));
    assert_eq!(phases(&fake, &one, 1), ["READY"]);
    let network_path = format!("/networking/v1/networks/{net}?environment={environment}");
    fake.cloud("DELETE", &network_path, None).refused(400, "private_link_access");
    fake.cloud("DELETE", &one, None).expect(204);
    // It is on its way out and still holds the network: this is why clients wait for 404.
    fake.cloud("DELETE", &network_path, None).refused(400, "private_link_access");
    assert_eq!(phases(&fake, &one, 1), ["DEPROVISIONING"]);
    fake.cloud("GET", &one, None).refused(404, "not found");
    fake.cloud("DELETE", &network_path, None).expect(204);
}

#[test]
fn an_object_is_found_in_its_own_environment_only() {
    let fake = Fake::start();
    let (mine, other) = (fake.environment("mine"), fake.environment("other"));
    let net = id(&fake.cloud("POST", "/networking/v1/networks", network(&mine)).expect(202));
    fake.cloud("GET", &format!("/networking/v1/networks/{net}?environment={other}"), None).refused(404, &net);
    fake.cloud("GET", &format!("/networking/v1/networks/{net}"), None).refused(400, "environment");
    fake.cloud("GET", "/networking/v1/networks", None).refused(400, "environment");
    let path = "/networking/v1/private-link-accesses";
    fake.cloud("POST", path, access(&other, &net, "123456789012")).refused(400, &net);
    // A change names the environment in its body.
    let one = format!("/networking/v1/networks/{net}");
    let body =
        |environment: &str| json!({"spec": {"display_name": "new", "environment": {"id": environment}}});
    fake.cloud("PATCH", &one, body(&other)).refused(404, &net);
    assert_eq!(fake.cloud("PATCH", &one, body(&mine)).expect(200)["spec"]["display_name"], "new");
}

#[test]
fn an_egress_path_is_built_and_taken_down_in_order() {
    let fake = Fake::with(|options| options.pending_reads = 1);
    let environment = fake.environment("home");
    let gw = id(&fake
        .cloud("POST", "/networking/v1/gateways", gateway(&environment, "AwsEgressPrivateLinkGatewaySpec"))
        .expect(202));
    let gw_path = format!("/networking/v1/gateways/{gw}?environment={environment}");
    assert_eq!(phases(&fake, &gw_path, 2), ["PROVISIONING", "READY"]);
    let ap = id(&fake.cloud("POST", "/networking/v1/access-points", egress(&environment, &gw)).expect(202));
    let ap_path = format!("/networking/v1/access-points/{ap}?environment={environment}");
    assert_eq!(phases(&fake, &ap_path, 2), ["PROVISIONING", "READY"]);
    let config = fake.cloud("GET", &ap_path, None).expect(200)["status"]["config"].clone();
    assert_eq!(config["kind"], "AwsEgressPrivateLinkEndpointStatus");
    let name = config["vpc_endpoint_dns_name"].as_str().unwrap();
    assert!(name.starts_with("*.vpce-0") && name.ends_with(".eu-central-1.vpce.amazonaws.com"), "{name}");
    let rec =
        id(&fake.cloud("POST", "/networking/v1/dns-records", record(&environment, &gw, &ap)).expect(202));
    let rec_path = format!("/networking/v1/dns-records/{rec}?environment={environment}");
    assert_eq!(phases(&fake, &rec_path, 2), ["PROVISIONING", "READY"]);
    fake.cloud("POST", "/networking/v1/dns-records", record(&environment, &gw, &ap))
        .refused(409, "db.example");
    // Against the order, each says what holds it.
    fake.cloud("DELETE", &gw_path, None).refused(400, &ap);
    fake.cloud("DELETE", &ap_path, None).refused(400, &rec);
    fake.cloud("DELETE", &rec_path, None).expect(204);
    fake.cloud("DELETE", &ap_path, None).expect(204);
    fake.cloud("DELETE", &gw_path, None).expect(204);
    fake.cloud("DELETE", &format!("/org/v2/environments/{environment}"), None).expect(204);
    assert_eq!(fake.counts(), json!({}));
}

/// A record follows a new access point in place.
#[test]
fn a_dns_record_moves_to_another_access_point() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let gw = id(&fake
        .cloud("POST", "/networking/v1/gateways", gateway(&environment, "AwsEgressPrivateLinkGatewaySpec"))
        .expect(202));
    let make =
        || id(&fake.cloud("POST", "/networking/v1/access-points", egress(&environment, &gw)).expect(202));
    let (one, two) = (make(), make());
    let rec =
        id(&fake.cloud("POST", "/networking/v1/dns-records", record(&environment, &gw, &one)).expect(202));
    let path = format!("/networking/v1/dns-records/{rec}");
    let target = |point: &str| {
        json!({"spec": {
            "environment": reference(&environment), "config": {"kind": "PrivateLinkAccessPoint", "resource_id": point},
        }})
    };
    fake.cloud("PATCH", &path, target("ap-none")).refused(400, "ap-none");
    assert_eq!(fake.cloud("PATCH", &path, target(&two)).expect(200)["spec"]["config"]["resource_id"], two);
    let list = format!("/networking/v1/dns-records?environment={environment}&resource={two}");
    assert_eq!(fake.cloud("GET", &list, None).expect(200)["data"].as_array().unwrap().len(), 1);
}

/// Trap: nobody accepts the endpoint. The harness sets it, and clients take it for done.
#[test]
fn an_access_point_can_wait_for_its_acceptance() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let gw = id(&fake
        .cloud("POST", "/networking/v1/gateways", gateway(&environment, "AwsEgressPrivateLinkGatewaySpec"))
        .expect(202));
    let ap = id(&fake.cloud("POST", "/networking/v1/access-points", egress(&environment, &gw)).expect(202));
    fake.change(json!({"kind": "access_point", "id": ap, "patch": {"status": {"phase": "PENDING_ACCEPT"}}}));
    let path = format!("/networking/v1/access-points/{ap}?environment={environment}");
    assert_eq!(phases(&fake, &path, 2), ["PENDING_ACCEPT", "PENDING_ACCEPT"]);
}

#[test]
fn an_access_point_fits_its_gateway() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let gw = id(&fake
        .cloud("POST", "/networking/v1/gateways", gateway(&environment, "AwsIngressPrivateLinkGatewaySpec"))
        .expect(202));
    fake.cloud("POST", "/networking/v1/access-points", egress(&environment, &gw))
        .refused(400, "AwsEgressPrivateLinkGatewaySpec");
    let service = fake
        .cloud("GET", &format!("/networking/v1/gateways/{gw}?environment={environment}"), None)
        .expect(200);
    let service = service["status"]["cloud_gateway"]["vpc_endpoint_service_name"].clone();
    let mut ingress = egress(&environment, &gw);
    ingress["spec"]["config"] =
        json!({"kind": "AwsIngressPrivateLinkEndpoint", "vpc_endpoint_id": "vpce-0123"});
    let ap = id(&fake.cloud("POST", "/networking/v1/access-points", ingress).expect(202));
    let shown = fake
        .cloud("GET", &format!("/networking/v1/access-points/{ap}?environment={environment}"), None)
        .expect(200);
    assert_eq!(shown["status"]["config"]["vpc_endpoint_service_name"], service);
    assert!(
        shown["status"]["config"]["dns_domain"]
            .as_str()
            .unwrap()
            .ends_with(".aws.accesspoint.confluent.cloud")
    );
    fake.cloud("POST", "/networking/v1/gateways", gateway(&environment, "Carrier")).refused(400, "Carrier");
    let list =
        format!("/networking/v1/gateways?environment={environment}&gateway_type=AwsIngressPrivateLink");
    assert_eq!(id(&fake.cloud("GET", &list, None).expect(200)["data"][0]), gw);
}

#[test]
fn an_attachment_is_ready_with_its_first_connection() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let body = json!({"spec": {
        "display_name": "platt", "cloud": "AWS", "region": "eu-central-1", "environment": reference(&environment),
    }});
    let platt = id(&fake.cloud("POST", "/networking/v1/private-link-attachments", body).expect(202));
    let path = format!("/networking/v1/private-link-attachments/{platt}?environment={environment}");
    assert_eq!(phases(&fake, &path, 1), ["WAITING_FOR_CONNECTIONS"]);
    let shown = fake.cloud("GET", &path, None).expect(200);
    let service = shown["status"]["cloud"]["vpc_endpoint_service"]["vpc_endpoint_service_name"].clone();
    let body = json!({"spec": {
        "display_name": "c", "environment": reference(&environment), "private_link_attachment": reference(&platt),
        "cloud": {"kind": "AwsPrivateLinkAttachmentConnection", "vpc_endpoint_id": "vpce-0123"},
    }});
    let connections = "/networking/v1/private-link-attachment-connections";
    let made = id(&fake.cloud("POST", connections, body).expect(202));
    let one = format!("{connections}/{made}?environment={environment}");
    let shown = fake.cloud("GET", &one, None).expect(200);
    assert_eq!(
        (&shown["status"]["phase"], &shown["status"]["cloud"]["vpc_endpoint_service_name"]),
        (&json!("READY"), &service)
    );
    assert_eq!(phases(&fake, &path, 1), ["READY"]);
    fake.cloud("DELETE", &path, None).refused(400, &made);
    // The provider asks with the id and the environment swapped, and takes the 404 for "gone".
    fake.cloud("GET", &format!("{connections}/{environment}?environment={made}"), None)
        .refused(404, "not found");
    fake.cloud("DELETE", &one, None).expect(204);
    fake.cloud("DELETE", &path, None).expect(204);
}

#[test]
fn a_forwarder_names_domains_and_servers() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let net = fake.cloud("POST", "/networking/v1/networks", network(&environment)).expect(202);
    let gateway = net["spec"]["gateway"]["id"].as_str().unwrap();
    let body = |domains: Value, servers: Value| {
        json!({"spec": {
            "display_name": "f", "domains": domains, "environment": reference(&environment), "gateway": reference(gateway),
            "config": {"kind": "ForwardViaIp", "dns_server_ips": servers},
        }})
    };
    let path = "/networking/v1/dns-forwarders";
    fake.cloud("POST", path, body(json!([]), json!(["10.0.0.2"]))).refused(400, "domains");
    fake.cloud("POST", path, body(json!(["corp.example"]), json!([]))).refused(400, "dns_server_ips");
    let made = fake.cloud("POST", path, body(json!(["corp.example"]), json!(["10.0.0.2"]))).expect(202);
    let one = format!("{path}/{}", id(&made));
    let changed = fake
        .cloud("PATCH", &one, json!({"spec": {"domains": ["a.example"], "environment": {"id": environment}}}))
        .expect(200);
    assert_eq!(changed["spec"]["domains"], json!(["a.example"]));
    fake.cloud("DELETE", &format!("{one}?environment={environment}"), None).expect(204);
}

#[test]
fn a_provider_integration_gives_the_trust_policys_two_values() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let path = "/pim/v1/integrations";
    let body = |name: &str, role: &str| {
        json!({
            "display_name": name, "provider": "aws", "environment": reference(&environment),
            "config": {"kind": "AwsIntegrationConfig", "customer_iam_role_arn": role},
        })
    };
    let role = "arn:aws:iam::123456789012:role/s3";
    fake.cloud("POST", path, body("s3", "role/s3")).refused(400, "ARN");
    fake.cloud("POST", path, body(&"n".repeat(61), role)).refused(400, "60");
    let made = fake.cloud("POST", path, body("s3", role)).expect(201);
    let config = &made["config"];
    assert!(config["iam_role_arn"].as_str().unwrap().starts_with("arn:aws:iam::"));
    assert_ne!(config["external_id"], json!(environment), "nobody can guess it");
    fake.cloud("POST", path, body("again", role)).refused(409, "same role");
    let one = format!("{path}/{}?environment={environment}", id(&made));
    assert_eq!(fake.cloud("GET", &one, None).expect(200), made);
    assert_eq!(
        fake.cloud("GET", &format!("{path}?environment={environment}"), None).expect(200)["data"][0],
        made
    );
    fake.cloud("DELETE", &one, None).expect(204);
    fake.cloud("GET", &one, None).refused(404, "not found");
}

#[test]
fn every_kind_is_listed_and_renamed() {
    let fake = Fake::start();
    let environment = fake.environment("home");
    let make = |kind: &str, body: Value| {
        id(&fake.cloud("POST", &format!("/networking/v1/{kind}"), body).expect(202))
    };
    let net = make("networks", network(&environment));
    let gw = make("gateways", gateway(&environment, "AwsEgressPrivateLinkGatewaySpec"));
    let ap = make("access-points", egress(&environment, &gw));
    let platt = make(
        "private-link-attachments",
        json!({"spec": {
            "display_name": "p", "cloud": "AWS", "region": "eu-central-1", "environment": reference(&environment),
        }}),
    );
    let made = [
        ("private-link-accesses", make("private-link-accesses", access(&environment, &net, "123456789012"))),
        ("dns-records", make("dns-records", record(&environment, &gw, &ap))),
        (
            "dns-forwarders",
            make(
                "dns-forwarders",
                json!({"spec": {
                    "display_name": "f", "domains": ["a.example"], "environment": reference(&environment),
                    "gateway": reference(&gw), "config": {"kind": "ForwardViaIp", "dns_server_ips": ["10.0.0.2"]},
                }}),
            ),
        ),
        (
            "private-link-attachment-connections",
            make(
                "private-link-attachment-connections",
                json!({"spec": {
                    "display_name": "c", "environment": reference(&environment),
                    "private_link_attachment": reference(&platt),
                    "cloud": {"kind": "AwsPrivateLinkAttachmentConnection", "vpc_endpoint_id": "vpce-0123"},
                }}),
            ),
        ),
        ("networks", net),
        ("gateways", gw),
        ("access-points", ap),
        ("private-link-attachments", platt),
    ];
    for (kind, id) in made {
        let path = format!("/networking/v1/{kind}");
        let body = json!({"spec": {"display_name": "renamed", "environment": reference(&environment)}});
        fake.cloud("PATCH", &format!("{path}/{id}"), body).expect(200);
        let read = fake.cloud("GET", &format!("{path}/{id}?environment={environment}"), None).expect(200);
        assert_eq!(read["spec"]["display_name"], "renamed", "{kind}");
        let filter = format!("{path}?environment={environment}&spec.display_name=renamed");
        // The network's own gateway is listed too, under its own name.
        assert_eq!(fake.cloud("GET", &filter, None).expect(200)["data"], json!([read]), "{kind}");
        let other = format!("{path}?environment={environment}&spec.display_name=other");
        assert_eq!(fake.cloud("GET", &other, None).expect(200)["data"], json!([]), "{kind}");
    }
}
