//! Answers each JSON line on standard input with one on standard output, as ../README.md says. Trees, tiles and proofs are
//! those of tlog_tiles, notes those of signed_note.

mod note;
mod tree;

use std::io::{BufRead, stdin};

use serde::Deserialize;
use serde_json::{Value, json};
use tlog_tiles::{Checkpoint, Hash, check_record, check_tree, record_hash};

use tree::{Record, build_tree, encode_entry, hex};

pub type Outcome<T> = Result<T, String>;

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Request {
    Entry { record: Record },
    Tree { size: u64, index: Vec<u64>, from: Vec<u64> },
    Checkpoint { checkpoint: String, keys: Vec<String>, witnesses: Vec<String> },
    Proof { proof: String, record: Record, keys: Vec<String> },
    Consistency { earlier: String, checkpoint: String, hashes: Vec<String>, keys: Vec<String> },
    Sign { origin: String, size: u64, root: String, time: u64, seed: String, ed25519: String },
}

fn answer(request: Request) -> Outcome<Value> {
    match request {
        Request::Entry { record } => {
            let entry = encode_entry(&record)?;
            Ok(json!({ "entry": hex(&entry), "leafHash": hex(&record_hash(&entry).0) }))
        }
        Request::Tree { size, index, from } => build_tree(size, &index, &from),
        Request::Checkpoint { checkpoint, keys, witnesses } => {
            Ok(json!({ "size": note::open(&checkpoint, &keys, &witnesses)?.size() }))
        }
        Request::Proof { proof, record, keys } => check_proof(&proof, &record, &keys),
        Request::Consistency { earlier, checkpoint, hashes, keys } => {
            let (earlier, later) = (note::open(&earlier, &keys, &[])?, note::open(&checkpoint, &keys, &[])?);
            let proof = parse_hashes(hashes.iter().map(String::as_str))?;
            check_tree(&proof, later.size(), *later.hash(), earlier.size(), *earlier.hash()).map_err(text)?;
            Ok(json!({}))
        }
        Request::Sign { origin, size, root, time, seed, ed25519 } => {
            let root = Hash::parse_hash(&root).map_err(text)?;
            let head = Checkpoint::new(&origin, size, root, "").map_err(text)?;
            Ok(json!({ "checkpoint": note::sign(&head, time, &seed, &ed25519)? }))
        }
    }
}

/// C2SP tlog-proof, without extra data.
fn check_proof(proof: &str, record: &Record, keys: &[String]) -> Outcome<Value> {
    let (head, checkpoint) = proof.split_once("\n\n").ok_or("malformed proof")?;
    let mut lines = head.split('\n');
    if lines.next() != Some("c2sp.org/tlog-proof@v1") {
        return Err("malformed proof".into());
    }
    let index = lines.next().and_then(|line| line.strip_prefix("index ")).ok_or("malformed proof")?;
    let index: u64 = index.parse().map_err(text)?;
    let hashes = parse_hashes(lines)?;
    let head = note::open(checkpoint, keys, &[])?;
    let leaf = record_hash(&encode_entry(record)?);
    if index >= head.size() {
        return Err("the index is beyond the tree".into());
    }
    check_record(&hashes, head.size(), *head.hash(), index, leaf).map_err(text)?;
    Ok(json!({ "index": index }))
}

fn parse_hashes<'a>(lines: impl Iterator<Item = &'a str>) -> Outcome<Vec<Hash>> {
    lines.map(|line| Hash::parse_hash(line).map_err(text)).collect()
}

pub fn text(error: impl ToString) -> String {
    error.to_string()
}

fn main() {
    for line in stdin().lock().lines() {
        let request = serde_json::from_str(&line.expect("UTF-8")).expect("a request");
        let answer = match answer(request) {
            Ok(mut value) => {
                value["valid"] = true.into();
                value
            }
            Err(reason) => json!({ "valid": false, "reason": reason }),
        };
        println!("{answer}");
    }
}
