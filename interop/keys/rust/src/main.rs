//! Stock JOSE libraries of Rust verify the ES256 signature of one mandate with keys from each document (README.md).

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Request {
    documents: BTreeMap<String, String>,
    token: String,
    subject: String,
}

/// Returns the claims of the verified token.
type Verifier = fn(document: &str, token: &str) -> Result<Value, Box<dyn Error>>;

const LIBRARIES: [(&str, &str, Verifier); 2] = [
    ("jsonwebtoken", "11.1.0", with_jsonwebtoken),
    ("josekit", "0.10.3", with_josekit),
];

fn with_jsonwebtoken(document: &str, token: &str) -> Result<Value, Box<dyn Error>> {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
    let keys: JwkSet = serde_json::from_str(document)?;
    let kid = decode_header(token)?.kid.ok_or("no kid")?;
    let key = DecodingKey::from_jwk(keys.find(&kid).ok_or("no key has the kid")?)?;
    Ok(decode::<Value>(token, &key, &Validation::new(Algorithm::ES256))?.claims)
}

fn with_josekit(document: &str, token: &str) -> Result<Value, Box<dyn Error>> {
    use josekit::{jwk::JwkSet, jws::ES256, jwt};
    let keys = JwkSet::from_bytes(document)?;
    let header = jwt::decode_header(token)?;
    let kid = header.claim("kid").and_then(Value::as_str).ok_or("no kid")?;
    let key = *keys.get(kid).first().ok_or("no key has the kid")?;
    let (payload, _) = jwt::decode_with_verifier(token, &ES256.verifier_from_jwk(key)?)?;
    Ok(serde_json::from_str(&payload.to_string())?)
}

/// The libraries read a document that the caller has fetched; it comes from the loopback interface.
fn fetch(url: &str) -> Result<String, Box<dyn Error>> {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).ok_or("no http URL")?;
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (_, body) = answer.split_once("\r\n\r\n").ok_or("no HTTP answer")?;
    Ok(body.to_owned())
}

fn main() -> Result<(), Box<dyn Error>> {
    let request: Request = serde_json::from_reader(std::io::stdin())?;
    for (library, version, verify) in LIBRARIES {
        for (document, url) in &request.documents {
            let failure = match verify(&fetch(url)?, &request.token) {
                Ok(claims) if claims["sub"] == request.subject => None,
                Ok(_) => Some("verified other claims".to_owned()),
                Err(error) => Some(error.to_string()),
            };
            println!("{}", json!({"library": library, "version": version, "document": document, "failure": failure}));
        }
    }
    Ok(())
}
