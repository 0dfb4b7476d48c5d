//! Signatures of notes in the types that signed_note leaves to others, and signing.

use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature as Ed25519Signature, SigningKey, VerifyingKey};
use ml_dsa::{EncodedVerifyingKey, MlDsa44, MlDsa65, MlDsaParams, VerifyingKey as MlDsaKey};
use p256::ecdsa::{DerSignature, VerifyingKey as P256Key, signature::Verifier as _};
use p256::pkcs8::DecodePublicKey;
use sha2::{Digest, Sha256};
use signed_note::{Note, Signer, StandardSigner, StandardVerifier, Verifier, VerifierList, key_id};
use tlog_tiles::Checkpoint;

use crate::{Outcome, text, tree::unhex};

/// SPEC.md §17.2.
const ML_DSA_65_TYPE: &[u8] = b"\xffap2-pq/ml-dsa-65-cosignature/v1";

enum Key {
    Es256(P256Key),
    Ed25519Cosignature(VerifyingKey),
    MlDsa44(Box<MlDsaKey<MlDsa44>>),
    MlDsa65(Box<MlDsaKey<MlDsa65>>),
}

struct TypedVerifier {
    name: String,
    id: u32,
    key: Key,
}

impl Verifier for TypedVerifier {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, note: &[u8], signature: &[u8]) -> bool {
        if let Key::Es256(key) = &self.key {
            return DerSignature::try_from(signature).is_ok_and(|signature| key.verify(note, &signature).is_ok());
        }
        let Some((time, signature)) = signature.split_first_chunk::<8>() else { return false };
        let time = u64::from_be_bytes(*time);
        match &self.key {
            Key::Es256(_) => false,
            Key::Ed25519Cosignature(key) => {
                let message = [format!("cosignature/v1\ntime {time}\n").as_bytes(), note].concat();
                Ed25519Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_strict(&message, &signature).is_ok())
            }
            Key::MlDsa44(key) => ml_dsa_holds(key, &self.name, time, note, signature),
            Key::MlDsa65(key) => ml_dsa_holds(key, &self.name, time, note, signature),
        }
    }
}

fn ml_dsa_holds<P: MlDsaParams>(key: &MlDsaKey<P>, name: &str, time: u64, note: &[u8], signature: &[u8]) -> bool {
    let Some(message) = Checkpoint::from_bytes(note).ok().map(|head| cosigned_message(name, time, &head)) else {
        return false;
    };
    ml_dsa::Signature::<P>::try_from(signature)
        .is_ok_and(|signature| key.verify_with_context(&message, b"", &signature))
}

/// C2SP tlog-cosignature's structure of that name, of a whole tree.
fn cosigned_message(name: &str, time: u64, head: &Checkpoint) -> Vec<u8> {
    let with_length = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    [
        b"subtree/v1\n\0".to_vec(),
        with_length(name),
        time.to_be_bytes().to_vec(),
        with_length(head.origin()),
        0u64.to_be_bytes().to_vec(),
        head.size().to_be_bytes().to_vec(),
        head.hash().0.to_vec(),
    ]
    .concat()
}

/// Reads a verifier key: Ed25519 by signed_note, the other types here.
fn new_verifier(vkey: &str) -> Outcome<Box<dyn Verifier>> {
    if let Ok(standard) = StandardVerifier::new(vkey) {
        return Ok(Box::new(standard));
    }
    let [name, id, data] =
        vkey.splitn(3, '+').collect::<Vec<_>>().try_into().map_err(|_| "malformed verifier key")?;
    let data = BASE64_STANDARD.decode(data).map_err(text)?;
    let mut own_id = key_id(name, &data);
    let key = if let Some(public) = data.strip_prefix(ML_DSA_65_TYPE) {
        Key::MlDsa65(Box::new(ml_dsa_key(public)?))
    } else {
        match data.split_first() {
            Some((6, public)) => Key::MlDsa44(Box::new(ml_dsa_key(public)?)),
            Some((4, public)) => {
                let public = public.try_into().map_err(|_| "malformed Ed25519 key")?;
                Key::Ed25519Cosignature(VerifyingKey::from_bytes(public).map_err(text)?)
            }
            Some((2, spki)) => {
                let hash = Sha256::digest(spki);
                own_id = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
                Key::Es256(P256Key::from_public_key_der(spki).map_err(text)?)
            }
            _ => return Err("unknown signature type".into()),
        }
    };
    if format!("{own_id:08x}") != id {
        return Err("the id is not that of the key".into());
    }
    Ok(Box::new(TypedVerifier { name: name.into(), id: own_id, key }))
}

fn ml_dsa_key<P: MlDsaParams>(public: &[u8]) -> Outcome<MlDsaKey<P>> {
    let encoded = EncodedVerifyingKey::<P>::try_from(public).map_err(|_| "malformed ML-DSA key")?;
    Ok(MlDsaKey::decode(&encoded))
}

/// Demands a signature of every key, and a cosignature of every witness.
pub fn open(checkpoint: &str, keys: &[String], witnesses: &[String]) -> Outcome<Checkpoint> {
    let note = Note::from_bytes(checkpoint.as_bytes()).map_err(text)?;
    let known: Vec<_> = keys.iter().chain(witnesses).map(|key| new_verifier(key)).collect::<Outcome<_>>()?;
    let (count, origin) = (known.len(), known[0].name().to_owned());
    let (verified, _) = note.verify(&VerifierList::new(known)).map_err(text)?;
    if verified.len() != count {
        return Err(format!("{} of {count} keys have signed", verified.len()));
    }
    let head = Checkpoint::from_bytes(note.text()).map_err(text)?;
    if head.origin() != origin || !head.extension().is_empty() {
        return Err("the checkpoint is of another log, or has extension lines".into());
    }
    Ok(head)
}

struct MlDsa65Signer {
    name: String,
    id: u32,
    time: u64,
    head: Checkpoint,
    key: ml_dsa::SigningKey<MlDsa65>,
}

impl Signer for MlDsa65Signer {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, signature::Error> {
        let message = cosigned_message(&self.name, self.time, &self.head);
        let key = self.key.expanded_key();
        let signature = key.sign_deterministic(&message, b"").map_err(|_| signature::Error::new())?;
        Ok([self.time.to_be_bytes().as_slice(), signature.encode().as_slice()].concat())
    }
}

/// Makes a checkpoint with Ed25519 by signed_note, and ML-DSA-65.
pub fn sign(head: &Checkpoint, time: u64, seed: &str, ed25519: &str) -> Outcome<String> {
    let name = head.origin().to_owned();
    let seed: [u8; 32] = unhex(seed)?.try_into().map_err(|_| "malformed seed")?;
    let key = ml_dsa::SigningKey::<MlDsa65>::from_seed(&seed.into());
    let public = key.expanded_key().verifying_key().encode();
    let id = key_id(&name, &[ML_DSA_65_TYPE, public.as_slice()].concat());
    let seed: [u8; 32] = unhex(ed25519)?.try_into().map_err(|_| "malformed seed")?;
    let public = SigningKey::from_bytes(&seed).verifying_key();
    let typed_id = key_id(&name, &[&[1], public.as_bytes().as_slice()].concat());
    let secret = BASE64_STANDARD.encode([&[1], seed.as_slice()].concat());
    let classical = StandardSigner::new(&format!("PRIVATE+KEY+{name}+{typed_id:08x}+{secret}")).map_err(text)?;
    let head = Checkpoint::from_bytes(&head.to_bytes()).map_err(text)?;
    let mut note = Note::new(&head.to_bytes(), &[]).map_err(text)?;
    note.add_sigs(&[&MlDsa65Signer { name, id, time, head, key }, &classical]).map_err(text)?;
    String::from_utf8(note.to_bytes()).map_err(text)
}
