//! How fast a table is read into records: `read_bench URL TABLE`, or `read_bench ROWS` for a private PostgreSQL server
//! with a table like TPC-H's lineitem (18 columns). Prints rows a second, CPU microseconds a row, and peak memory.
//!
//! `cargo run --release -p sluice-connector-jdbc --example read_bench -- 2000000`

#![expect(clippy::print_stdout, reason = "a program for people")]

use std::time::{Duration, Instant};

use api::config::RawConfig;
use api::registry::ConnectorClass;
use testkit::contexts::Lent;
use testkit::postgres::Server;

// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CLASS: &str = "io.confluent.connect.jdbc.JdbcSourceConnector";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    match arguments.as_slice() {
        [url, table] => report(&runtime, url, "", "", table),
        [rows] => {
            let server = Server::start()?;
            let rows: u64 = rows.parse()?;
            runtime.block_on(fill(&server, rows))?;
            let url = format!("jdbc:postgresql://{}:{}/{}", server.host(), server.port(), server.database());
            for _ in 0..3 {
                report(&runtime, &url, server.user(), server.password(), "lineitem")?;
            }
            Ok(())
        }
        _ => Err("usage: read_bench URL TABLE | read_bench ROWS".into()),
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

// On a worker thread, where tasks run, not beside them.
fn report(
    runtime: &tokio::runtime::Runtime,
    url: &str,
    user: &str,
    password: &str,
    table: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let [url, user, password, table] = [url, user, password, table].map(str::to_owned);
    let reading = async move { read(&url, &user, &password, &table).await };
    let outcome = runtime.block_on(runtime.spawn(reading))?;
    outcome.map_err(|failure| -> Box<dyn std::error::Error> { failure })
}

async fn fill(server: &Server, rows: u64) -> Result<(), Box<dyn std::error::Error>> {
    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await?;
    let driver = tokio::spawn(connection);
    let sql = format!(
        "CREATE TABLE lineitem (id bigint PRIMARY KEY, l_orderkey bigint NOT NULL, l_partkey bigint NOT NULL,
             l_suppkey bigint NOT NULL, l_linenumber integer NOT NULL, l_quantity numeric(15,2) NOT NULL,
             l_extendedprice numeric(15,2) NOT NULL, l_discount numeric(15,2) NOT NULL, l_tax numeric(15,2) NOT NULL,
             l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL,
             l_commitdate date NOT NULL, l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL,
             l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL, updated_at timestamp NOT NULL);
         INSERT INTO lineitem SELECT n, n / 4, n * 7919 % 200000, n * 104729 % 10000, n % 7 + 1, n % 50 + 1,
             (n * 7907 % 10500000) / 100.0 + 900, n % 11 / 100.0, n % 9 / 100.0,
             (ARRAY['A','N','R'])[n % 3 + 1], (ARRAY['O','F'])[n % 2 + 1],
             date '1992-01-01' + (n % 2526)::int, date '1992-01-31' + (n % 2466)::int, date '1992-01-05' + (n % 2550)::int,
             (ARRAY['DELIVER IN PERSON','COLLECT COD','NONE','TAKE BACK RETURN'])[n % 4 + 1],
             (ARRAY['TRUCK','MAIL','SHIP','AIR','REG AIR','RAIL','FOB'])[n % 7 + 1],
             left('carefully final deposits detect slyly agai', (n % 34 + 9)::int),
             timestamp '2024-01-01' + n * interval '1 millisecond'
             FROM generate_series(1::bigint, {rows}) AS n;
         VACUUM ANALYZE lineitem"
    );
    for statement in sql.split(';') {
        client.batch_execute(statement).await?;
    }
    drop(client);
    driver.await??;
    Ok(())
}

async fn read(url: &str, user: &str, password: &str, table: &str) -> Result<(), Failure> {
    let mut registry = api::Registry::new();
    sluice_connector_jdbc::register(&mut registry);
    let ConnectorClass::Source(class) = registry.connector(CLASS)? else { return Err("not a source".into()) };
    let config: RawConfig = [
        ("connection.url", url),
        ("connection.user", user),
        ("connection.password", password),
        ("mode", "bulk"),
        ("table.whitelist", table),
        ("topic.prefix", "bench-"),
        ("numeric.mapping", "best_fit"),
        ("poll.interval.ms", "3600000"),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect();
    let lent = Lent::default();
    let mut connector = class.start(config, lent.connector()).await?;
    let task = connector.task_configs(1).await?.remove(0);
    connector.stop().await?;
    let mut task = class.start_task(task, lent.source()).await?;
    let (start, cpu) = (Instant::now(), cpu_seconds()?);
    let (mut rows, mut batches, mut last) = (0u64, 0u64, Instant::now());
    loop {
        let batch = task.poll(Duration::from_millis(200)).await?;
        if batch.records.is_empty() {
            break;
        }
        rows += batch.records.len() as u64;
        batches += 1;
        last = Instant::now();
    }
    let (seconds, cpu) = ((last - start).as_secs_f64(), cpu_seconds()? - cpu);
    println!(
        "{rows} rows in {seconds:.2} s: {:.0} rows/s, {:.2} CPU-us a row, {batches} batches, peak memory {} MB",
        rows as f64 / seconds,
        cpu * 1e6 / rows as f64,
        peak_mb()?
    );
    Ok(())
}

// User and system time of this process, all threads: fields 14 and 15 in ticks of 10 ms.
fn cpu_seconds() -> std::io::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 =
        after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(ticks as f64 / 100.0)
}

fn peak_mb() -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    Ok(line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024)
}
