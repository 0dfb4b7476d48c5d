// Signs AP2-PQ mandates: SPEC.md §5.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/asn1"
	"io"
	"math/big"
	"slices"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

type signer struct {
	es256         *ecdsa.PrivateKey
	mldsa65       *mldsa65.PrivateKey
	deterministic bool
}

func newSigner(keys map[string]object, deterministic bool) signer {
	es256, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), decode(keys["es256"]["d"], "KEY_INVALID", 32))
	check(err == nil, "KEY_INVALID")
	seed := [mldsa65.SeedSize]byte(decode(keys["mldsa65"]["priv"], "KEY_INVALID", mldsa65.SeedSize))
	_, mldsa := mldsa65.NewKeyFromSeed(&seed)
	return signer{es256, mldsa, deterministic}
}

// signEs256 returns r and s. Without a source of randomness, crypto/ecdsa follows RFC 6979.
func (s signer) signEs256(hash []byte) (signature struct{ R, S *big.Int }) {
	var random io.Reader
	if !s.deterministic {
		random = rand.Reader
	}
	der, err := s.es256.Sign(random, hash, crypto.SHA256)
	check(err == nil, "SIGNER_FAILED")
	_, err = asn1.Unmarshal(der, &signature)
	check(err == nil, "SIGNER_FAILED")
	return signature
}

func (s signer) signMlDsa65(message []byte) []byte {
	signature := make([]byte, mldsa65.SignatureSize)
	check(mldsa65.SignTo(s.mldsa65, message, nil, !s.deterministic, signature) == nil, "SIGNER_FAILED")
	return signature
}

func raw(r, s *big.Int) []byte {
	return slices.Concat(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32)))
}

// disclosable is a claim, by its name or index at the given path, or a decoy if there is no claim.
type disclosable struct {
	Path  []string
	Claim any
	Salt  string
}

// pack puts digests into the payload (RFC 9901 §4.2) and returns the disclosures.
func pack(payload object, items []disclosable) (encoded []string) {
	for _, item := range items {
		parent, last, place := object(nil), "", any(payload)
		for _, name := range item.Path {
			parent, last = place.(object), name
			place = parent[name]
		}
		text := item.Salt
		array, isArray := place.([]any)
		if item.Claim != nil {
			parts := []any{item.Salt, item.Claim, nil}
			if isArray {
				parts = []any{item.Salt, array[int(item.Claim.(float64))]}
			} else {
				parts[2] = place.(object)[item.Claim.(string)]
			}
			text = encode(canonical(parts))
			encoded = append(encoded, text)
		}
		hash := encode(digest([]byte(text)))
		switch index, _ := item.Claim.(float64); {
		case isArray && item.Claim != nil:
			array[int(index)] = object{"...": hash}
		case isArray:
			parent[last] = append(array, object{"...": hash})
		default:
			members := place.(object)
			digests, _ := members["_sd"].([]string)
			digests = append(digests, hash)
			slices.Sort(digests) // R5.14
			members["_sd"] = digests
			if name, ok := item.Claim.(string); ok {
				delete(members, name)
			}
		}
	}
	return encoded
}

func sign(claims string, items []disclosable, header object, keys map[string]object, deterministic bool) string {
	signer := newSigner(keys, deterministic)
	payload := parse[object]([]byte(claims), "PAYLOAD_INVALID")
	mandate := ""
	for _, text := range pack(payload, items) {
		mandate += "~" + text
	}
	payload["_sd_alg"] = "sha-256"
	body := "." + encode(canonical(payload))
	fingerprint := digest([]byte(encode(canonical(header)) + body))
	pqSig := signer.signMlDsa65(fingerprint)
	if header["pq_alg"] == "ES256+ML-DSA-65" {
		e := signer.signEs256(fingerprint) // the same hash: ES256 signs the PQ Signing Input
		pqSig = append(raw(e.R, e.S), pqSig...)
	}
	header["pq_sig"] = encode(pqSig)
	jws := encode(canonical(header)) + body
	outer := signer.signEs256(digest([]byte(jws)))
	return jws + "." + encode(raw(outer.R, outer.S)) + mandate + "~"
}
