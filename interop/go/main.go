// Answers each JSON line on standard input with one on standard output, as ../README.md says.
package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/asn1"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	"github.com/gowebpki/jcs"
)

type request struct {
	Op, Mandate, Claims, Policy string
	Keys, Private               map[string]object
	Signatures                  struct{ Raw, Der, Mldsa65 string }
	Header                      object
	Disclose                    []disclosable
	Deterministic               bool
}

func answer(r request) (result object) {
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case refusal:
			result = object{"valid": false, "code": thrown}
		default:
			panic(thrown)
		}
	}()
	switch r.Op {
	case "verify":
		return verify(r.Mandate, r.Keys, r.Policy)
	case "sign":
		return object{"mandate": sign(r.Claims, r.Disclose, r.Header, r.Keys, r.Deterministic)}
	case "composite":
		return composite(r.Mandate, r.Keys["mldsa65"], r.Private["mldsa65"])
	}
	return mandateLevel(r)
}

// mandateLevel is SPEC.md §11.2: both signatures over SHA-256(JCS(mandate)).
func mandateLevel(r request) object {
	canonical, err := jcs.Transform([]byte(r.Mandate))
	check(err == nil, "PAYLOAD_INVALID")
	fingerprint := digest(canonical)
	es256, mldsa := es256Key(r.Keys["es256"]), mldsa65Key(r.Keys["mldsa65"])
	given, _ := hex.DecodeString(r.Signatures.Raw)
	der, _ := hex.DecodeString(r.Signatures.Der)

	signer := newSigner(r.Private, true)
	own := signer.signEs256(fingerprint)
	if order := elliptic.P256().Params().N; own.S.Cmp(new(big.Int).Rsh(order, 1)) > 0 { // low S
		own.S.Sub(order, own.S)
	}
	ownDer, _ := asn1.Marshal(own)
	return object{
		"jcs":         string(canonical),
		"fingerprint": hex.EncodeToString(fingerprint),
		"verified": object{
			"raw":     es256Holds(es256, given, fingerprint),
			"der":     ecdsa.VerifyASN1(es256, fingerprint, der),
			"mldsa65": mldsa65.Verify(mldsa, fingerprint, nil, decode(r.Signatures.Mldsa65, "MALFORMED", 3309)),
		},
		"signed": object{
			"raw":     hex.EncodeToString(raw(own.R, own.S)),
			"der":     hex.EncodeToString(ownDer),
			"mldsa65": encode(signer.signMlDsa65(fingerprint)),
		},
	}
}

func main() {
	lines, answers := json.NewDecoder(bufio.NewReader(os.Stdin)), json.NewEncoder(os.Stdout)
	for lines.More() {
		var r request
		if err := lines.Decode(&r); err != nil {
			panic(err)
		}
		if err := answers.Encode(answer(r)); err != nil {
			panic(err)
		}
	}
}
