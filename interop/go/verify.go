// Verifies AP2-PQ mandates: SPEC.md §4, §6 to §8, without claims, which are the caller's.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"math/big"
	"slices"
	"strings"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

var pqSigBytes = map[string]int{"ML-DSA-65": 3309, "ES256+ML-DSA-65": 64 + 3309}

// SPEC.md §8.
func checkJwk(jwk object, kty, alg, secret string) {
	_, private := jwk[secret]
	operations, _ := jwk["key_ops"].([]any)
	check(jwk["kty"] == kty && (jwk["alg"] == alg || kty == "EC" && jwk["alg"] == nil) && !private, "KEY_INVALID")
	check((jwk["use"] == nil || jwk["use"] == "sig") && (jwk["key_ops"] == nil || slices.Contains(operations, any("verify"))), "KEY_INVALID")
}

func es256Key(jwk object) *ecdsa.PublicKey {
	checkJwk(jwk, "EC", "ES256", "d")
	point := slices.Concat([]byte{4}, decode(jwk["x"], "KEY_INVALID", 32), decode(jwk["y"], "KEY_INVALID", 32))
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	check(err == nil && jwk["crv"] == "P-256", "KEY_INVALID")
	return key
}

func mldsa65Key(jwk object) *mldsa65.PublicKey {
	checkJwk(jwk, "AKP", "ML-DSA-65", "priv")
	key := new(mldsa65.PublicKey)
	check(key.UnmarshalBinary(decode(jwk["pub"], "KEY_INVALID", 1952)) == nil, "KEY_INVALID")
	return key
}

func es256Holds(key *ecdsa.PublicKey, signature, hash []byte) bool {
	return ecdsa.Verify(key, hash, new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
}

// SPEC.md §4, in the order of §6 step 2. Returns the bytes of pq_sig, or nil.
func checkHeader(header object, raw []byte, payload object) (pqSig []byte) {
	b64, hasB64 := header["b64"]
	_, hasCrit := header["crit"]
	check(header["alg"] == "ES256" && !hasCrit && (!hasB64 || b64 == true), "HEADER_INVALID")
	texts := []any{}
	for _, name := range []string{"kid", "typ", "cty", "_sd_alg"} {
		if value, present := header[name]; present {
			texts = append(texts, value)
		}
	}
	if x5c, present := header["x5c"]; present {
		certificates, _ := x5c.([]any)
		check(len(certificates) > 0, "HEADER_INVALID")
		texts = append(texts, certificates...)
	}
	check(!slices.ContainsFunc(texts, func(value any) bool { _, ok := value.(string); return !ok }), "HEADER_INVALID")
	pqAlg, hasAlg := header["pq_alg"]
	encoded, hasSig := header["pq_sig"]
	if hasAlg || hasSig {
		check(hasAlg, "PQ_ALG_MISSING")
		check(hasSig, "PQ_SIG_MISSING")
		check(string(canonical(header)) == string(raw), "HEADER_NOT_CANONICAL")
		name, _ := pqAlg.(string)
		check(pqSigBytes[name] > 0, "PQ_ALG_UNKNOWN")
		pqSig = decode(encoded, "PQ_SIG_MALFORMED", pqSigBytes[name])
	}
	sdAlg, present := header["_sd_alg"]
	check(!present || sdAlg == payload["_sd_alg"], "HEADER_INVALID")
	return pqSig
}

func verify(mandate string, keys map[string]object, policy string) object {
	check(len(mandate) <= 262144, "TOO_LARGE")
	segments := strings.Split(mandate, "~")
	check(len(segments) > 1, "MALFORMED")
	jwt, encoded, keyBinding := strings.Split(segments[0], "."), segments[1:len(segments)-1], segments[len(segments)-1]
	if keyBinding != "" {
		parts := strings.Split(keyBinding, ".")
		check(len(parts) == 3, "MALFORMED")
		for _, part := range parts {
			decode(part, "MALFORMED", -1)
		}
	}
	check(len(encoded) <= 1024, "TOO_LARGE")
	check(!slices.Contains(encoded, "") && len(jwt) == 3, "MALFORMED")
	check(len(jwt[0]) <= 32768, "TOO_LARGE")
	raw := decode(jwt[0], "MALFORMED", -1)
	header, payload := parse[object](raw, "MALFORMED"), parse[object](decode(jwt[1], "MALFORMED", -1), "MALFORMED")
	check(len(jwt[2]) == 86 || header["alg"] == "ES256", "HEADER_INVALID") // R6.66
	signature := decode(jwt[2], "MALFORMED", 64)
	pqSig := checkHeader(header, raw, payload)
	check(pqSig != nil || policy == "pq-optional", "PQ_REQUIRED")

	hybrid := len(pqSig) > 3309
	kids := map[string]bool{}
	for _, part := range []object{header, keys["es256"], keys["mldsa65"]} {
		if kid, present := part["kid"]; present {
			text, ok := kid.(string)
			check(ok, "KEY_INVALID")
			kids[text] = true
		}
	}
	check(len(kids) < 2, "KEY_UNRESOLVED")
	check((keys["es256"] != nil || policy == "pq-only" && !hybrid) && (keys["mldsa65"] != nil || pqSig == nil), "KEY_UNRESOLVED")
	var es256 *ecdsa.PublicKey
	var mldsa *mldsa65.PublicKey
	if keys["es256"] != nil {
		es256 = es256Key(keys["es256"])
	}
	if keys["mldsa65"] != nil {
		mldsa = mldsa65Key(keys["mldsa65"])
	}
	check(policy == "pq-only" || es256Holds(es256, signature, digest([]byte(jwt[0]+"."+jwt[1]))), "ES256_INVALID")
	result := object{"valid": true, "mandateId": nil}
	if pqSig != nil {
		e, m := pqSig[:len(pqSig)-3309], pqSig[len(pqSig)-3309:]
		delete(header, "pq_sig")
		fingerprint := digest([]byte(encode(canonical(header)) + "." + jwt[1]))
		check(!hybrid || es256Holds(es256, e, fingerprint), "HYBRID_ES256_INVALID")
		check(mldsa65.Verify(mldsa, fingerprint, nil, m), "ML_DSA_65_INVALID")
		result["mandateId"] = encode(digest(m))
	}
	result["payload"] = process(payload, encoded)
	check(keyBinding == "", "KEY_BINDING_UNEXPECTED")
	return result
}
