//! Serves a contract from a program of one's own: `cargo run --example serve -- FILE [ADDR]`.

use std::error::Error;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use docwright_contract::{read, yaml};
use docwright_mock::{Mock, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("expected the path of an OpenAPI document")?;
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:4010".to_owned());
    let started = Instant::now();
    let text = std::fs::read_to_string(&file)?;
    let value = match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(_) => yaml::from_str(&text)?,
    };
    let parsed = started.elapsed();
    let contract = read::from_value(&value)?;
    drop((text, value));
    let read = started.elapsed();
    let mock = Mock::new(contract);
    let listener = TcpListener::bind(&address).await?;
    writeln!(
        std::io::stdout(),
        "{} operations, {} remarks, http://{}: parsed after {parsed:?}, read after {read:?}, ready after {:?}",
        mock.served_count(),
        mock.remarks().len(),
        listener.local_addr()?,
        started.elapsed(),
    )?;
    serve(listener, Arc::new(mock), None, std::future::pending()).await?;
    Ok(())
}
