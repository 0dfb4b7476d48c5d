//! Entries (SPEC.md §17.1), and trees with their tiles (C2SP tlog-tiles).

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tlog_tiles::{Error, Hash, HashReader, Tile, prove_record, prove_tree, stored_hashes, tree_hash};

use crate::{Outcome, text};

#[derive(Deserialize)]
pub struct Record {
    kind: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    bytes: String,
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn unhex(text: &str) -> Outcome<Vec<u8>> {
    let byte = |at| text.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    (0..text.len()).step_by(2).map(|at| byte(at).ok_or("not hexadecimal".to_owned())).collect()
}

/// Label, kind, length and digest of the sealed form.
pub fn encode_entry(record: &Record) -> Outcome<Vec<u8>> {
    let first = |token: &str| token.split('~').next().unwrap_or_default().to_owned();
    let (kind, sealed) = match record.kind.as_str() {
        "mandate" => {
            let key_binding = record.token.rsplit('~').next().unwrap_or_default();
            (1, format!("{}~{key_binding}", first(&record.token)).into_bytes())
        }
        "chain" => {
            let jwts: Vec<_> = record.token.split("~~").map(first).collect();
            (2, format!("{}~", jwts.join("~~")).into_bytes())
        }
        "receipt" => (3, record.token.clone().into_bytes()),
        "revocation" => (4, record.token.clone().into_bytes()),
        "other" => (255, unhex(&record.bytes)?),
        kind => return Err(format!("unknown kind {kind}")),
    };
    let mut entry = b"ap2-pq/leaf/v1\n\0".to_vec();
    entry.push(kind);
    entry.extend((sealed.len() as u64).to_be_bytes());
    entry.extend(Sha256::digest(&sealed));
    Ok(entry)
}

/// Every hash of a tree, in the order of tlog.
struct Stored(Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        indexes.iter().map(|&index| self.0.get(index as usize).copied().ok_or(Error::IndexesNotInTree)).collect()
    }
}

/// The tree whose entry n is that of the record of kind other with the digits of n as its bytes.
pub fn build_tree(size: u64, inclusion: &[u64], consistency: &[u64]) -> Outcome<Value> {
    let mut stored = Stored(Vec::new());
    let mut bundle = Vec::new();
    let mut files = Map::new();
    for n in 0..size {
        let bytes = hex(n.to_string().as_bytes());
        let entry = encode_entry(&Record { kind: "other".into(), token: String::new(), bytes })?;
        let added = stored_hashes(n, &entry, &stored).map_err(text)?;
        stored.0.extend(added);
        bundle.extend((entry.len() as u16).to_be_bytes());
        bundle.extend(&entry);
        if n % 256 == 255 || n == size - 1 {
            let tile = Tile::new(8, 0, n / 256, (n % 256) as u32 + 1, true);
            files.insert(path(&tile), hex(&Sha256::digest(&bundle)).into());
            bundle.clear();
        }
    }
    for tile in Tile::new_tiles(8, 0, size) {
        let count = size >> (8 * tile.level());
        // A tree of this size may have the tile wider.
        if u64::from(tile.width()) == (count - tile.level_index() * 256).min(256) {
            let data = tile.read_data(&stored).map_err(text)?;
            files.insert(path(&tile), hex(&Sha256::digest(&data)).into());
        }
    }
    let mut included = Vec::new();
    for &index in inclusion {
        let hashes = prove_record(size, index, &stored).map_err(text)?;
        included.push(json!({ "index": index, "hashes": texts(&hashes) }));
    }
    let mut consistent = Vec::new();
    for &from in consistency {
        let hashes = prove_tree(size, from, &stored).map_err(text)?;
        consistent.push(json!({ "from": from, "hashes": texts(&hashes) }));
    }
    let root = tree_hash(size, &stored).map_err(text)?;
    let root = BASE64_STANDARD.encode(root.0);
    Ok(json!({ "root": root, "files": files, "inclusion": included, "consistency": consistent }))
}

fn texts(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| BASE64_STANDARD.encode(hash.0)).collect()
}

/// C2SP's path of a tile: without the height that tlog has in it, and with entries for data.
fn path(tile: &Tile) -> String {
    tile.path().replacen("tile/8/", "tile/", 1).replacen("tile/data/", "tile/entries/", 1)
}
