//! A refresh against a target group on loopback, which answers as the API reference of Elastic Load Balancing says.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use object_store::StaticCredentialProvider;
use object_store::aws::AwsCredential;
use parking_lot::Mutex;
use sluice_aws::{Error, Target, TargetGroup, refresh};

const ARN: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/db/0123456789abcdef";
const SECRET: &str = "canary-secret-key";

#[derive(Default)]
struct Group {
    targets: BTreeSet<(String, u16)>,
    draining: Vec<(String, u16)>,
    kind: &'static str,
    calls: Vec<String>,
    // Answers to give before the right ones.
    refusals: Vec<(u16, &'static str)>,
    authorization: Vec<String>,
}

type Shared = Arc<Mutex<Group>>;

async fn answer(
    State(group): State<Shared>,
    headers: HeaderMap,
    Form(fields): Form<HashMap<String, String>>,
) -> (StatusCode, String) {
    let mut group = group.lock();
    group.calls.push(fields["Action"].clone());
    group.authorization.push(headers["authorization"].to_str().unwrap().to_owned());
    if let Some((status, code)) = group.refusals.pop() {
        let text = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
        );
        return (StatusCode::from_u16(status).unwrap(), text);
    }
    assert_eq!(fields["Version"], "2015-12-01");
    let listed = || -> Vec<(String, u16)> {
        (1..)
            .map_while(|n| fields.get(&format!("Targets.member.{n}.Id")).map(|id| (n, id.clone())))
            .map(|(n, id)| (id, fields[&format!("Targets.member.{n}.Port")].parse().unwrap()))
            .collect()
    };
    let text = match fields["Action"].as_str() {
        "DescribeTargetGroups" => format!(
            "<DescribeTargetGroupsResponse><DescribeTargetGroupsResult><TargetGroups><member><TargetGroupArn>{ARN}\
             </TargetGroupArn><TargetType>{}</TargetType><Port>5432</Port></member></TargetGroups>\
             </DescribeTargetGroupsResult></DescribeTargetGroupsResponse>",
            group.kind
        ),
        "DescribeTargetHealth" => {
            assert_eq!(fields["TargetGroupArn"], ARN);
            let member = |(id, port): &(String, u16), state: &str| {
                format!(
                    "<member><HealthCheckPort>{port}</HealthCheckPort><TargetHealth><State>{state}</State>\
                     </TargetHealth><Target><Id>{id}</Id><Port>{port}</Port></Target></member>"
                )
            };
            let mut members: String = group.targets.iter().map(|target| member(target, "healthy")).collect();
            members.extend(group.draining.iter().map(|target| member(target, "draining")));
            format!(
                "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>{members}\
                 </TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>"
            )
        }
        "RegisterTargets" => {
            group.targets.extend(listed());
            "<RegisterTargetsResponse><RegisterTargetsResult/></RegisterTargetsResponse>".to_owned()
        }
        "DeregisterTargets" => {
            for target in listed() {
                group.targets.remove(&target);
                group.draining.push(target);
            }
            "<DeregisterTargetsResponse><DeregisterTargetsResult/></DeregisterTargetsResponse>".to_owned()
        }
        other => panic!("{other}"),
    };
    (StatusCode::OK, text)
}

async fn serve(group: &Shared) -> TargetGroup {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/", post(answer)).with_state(group.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    let credential =
        AwsCredential { key_id: "AKIDEXAMPLE".to_owned(), secret_key: SECRET.to_owned(), token: None };
    let credentials = Arc::new(StaticCredentialProvider::new(credential));
    TargetGroup::with_credentials(ARN.parse().unwrap(), Some(&url), credentials).unwrap()
}

fn group(targets: &[&str]) -> Shared {
    let targets = targets.iter().map(|id| ((*id).to_owned(), 5432)).collect();
    Arc::new(Mutex::new(Group { targets, kind: "ip", ..Group::default() }))
}

async fn named(addresses: &[&str]) -> Result<Vec<IpAddr>, Error> {
    Ok(addresses.iter().map(|text| text.parse().unwrap()).collect())
}

#[tokio::test]
async fn a_failover_is_followed_once_and_then_nothing_changes() {
    let shared = group(&["10.0.0.1", "10.0.0.2"]);
    let target_group = serve(&shared).await;
    let plan = refresh::plan(&target_group, named(&["10.0.0.2", "10.0.0.3"]), None).await.unwrap();
    refresh::apply(&target_group, &plan).await.unwrap();
    let ids: Vec<_> = shared.lock().targets.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(ids, ["10.0.0.2", "10.0.0.3"]);
    let calls = std::mem::take(&mut shared.lock().calls);
    let position = |action: &str| calls.iter().position(|call| call == action).unwrap();
    assert!(position("RegisterTargets") < position("DeregisterTargets"), "{calls:?}");

    // 10.0.0.1 drains now: it is not in the group any more, and not deregistered a second time.
    let plan = refresh::plan(&target_group, named(&["10.0.0.2", "10.0.0.3"]), None).await.unwrap();
    assert!(plan.is_empty(), "{plan:?}");
    refresh::apply(&target_group, &plan).await.unwrap();
    assert!(shared.lock().calls.iter().all(|call| call.starts_with("Describe")));
}

#[tokio::test]
async fn requests_are_signed_for_the_service_and_region() {
    let shared = group(&[]);
    serve(&shared).await.targets().await.unwrap();
    let authorization = shared.lock().authorization.pop().unwrap();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
    assert!(authorization.contains("/eu-central-1/elasticloadbalancing/aws4_request"), "{authorization}");
    assert!(!authorization.contains(SECRET));
}

#[tokio::test]
async fn a_name_without_an_address_asks_and_changes_nothing() {
    let shared = group(&["10.0.0.1"]);
    let target_group = serve(&shared).await;
    let unknown = async { Err(Error::Unreachable("gone.example has no address".to_owned())) };
    let error = refresh::plan(&target_group, unknown, None).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error}");
    assert!(shared.lock().calls.is_empty());
}

#[tokio::test]
async fn a_group_of_instances_is_refused() {
    let shared = group(&[]);
    shared.lock().kind = "instance";
    let error = refresh::plan(&serve(&shared).await, named(&["10.0.0.1"]), None).await.unwrap_err();
    assert!(matches!(&error, Error::Usage(text) if text.contains("\"instance\"")), "{error}");
}

#[tokio::test]
async fn what_is_busy_is_asked_again_and_what_is_denied_is_not() {
    let shared = group(&["10.0.0.1"]);
    let target_group = serve(&shared).await;
    shared.lock().refusals = vec![(400, "Throttling")];
    let expected = Target { address: "10.0.0.1".parse().unwrap(), port: 5432 };
    assert_eq!(target_group.targets().await.unwrap(), [expected]);

    shared.lock().refusals = vec![(403, "AccessDenied")];
    shared.lock().calls.clear();
    let error = target_group.targets().await.unwrap_err();
    assert!(matches!(error, Error::Permission(_)), "{error}");
    assert_eq!(shared.lock().calls.len(), 1);
    assert!(!format!("{error:?}").contains(SECRET));
}

#[tokio::test]
async fn when_registering_fails_nobody_is_deregistered() {
    let shared = group(&["10.0.0.1"]);
    let target_group = serve(&shared).await;
    let plan = refresh::plan(&target_group, named(&["10.0.0.9"]), Some(5432)).await.unwrap();
    shared.lock().refusals = vec![(400, "TooManyTargets")];
    assert!(matches!(refresh::apply(&target_group, &plan).await, Err(Error::Refused(_))));
    assert_eq!(shared.lock().targets.len(), 1);
}
