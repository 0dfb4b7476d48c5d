// The composite ML-DSA-65-ES256: SPEC.md R20.10 to R20.12.
package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"slices"
	"strings"

	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
)

const compositeLabel = "COMPSIG-MLDSA65-ECDSA-P256-SHA512"

// representative is the message that both components sign (R20.11).
func representative(input string) []byte {
	hash := sha512.Sum512([]byte(input))
	return slices.Concat([]byte("CompositeAlgorithmSignatures2025"+compositeLabel+"\x00"), hash[:])
}

// composite verifies a token with both public keys of one JWK, and signs the same input with both private ones.
func composite(token string, public, private object) object {
	jws, _, _ := strings.Cut(token, "~")
	segments := strings.Split(jws, ".")
	check(len(segments) == 3, "MALFORMED")
	header := parse[object](decode(segments[0], "MALFORMED", -1), "MALFORMED")
	check(header["alg"] == "ML-DSA-65-ES256", "HEADER_INVALID")
	input := segments[0] + "." + segments[1]
	message := representative(input)

	keys := decode(public["pub"], "KEY_INVALID", 1952+65)
	mldsa, es256 := new(mldsa65.PublicKey), (*ecdsa.PublicKey)(nil)
	check(mldsa.UnmarshalBinary(keys[:1952]) == nil, "KEY_INVALID")
	es256, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), keys[1952:])
	check(err == nil, "KEY_INVALID")
	signature := decode(segments[2], "MALFORMED", -1)
	check(len(signature) > 3309, "MALFORMED")
	return object{
		"verified": object{
			"mldsa65": mldsa65.Verify(mldsa, message, []byte(compositeLabel), signature[:3309]),
			"es256":   ecdsa.VerifyASN1(es256, digest(message), signature[3309:]),
		},
		"signed": input + "." + encode(signComposite(message, private)) + "~",
	}
}

func signComposite(message []byte, private object) []byte {
	priv := decode(private["priv"], "KEY_INVALID", 32+51)
	_, mldsa := mldsa65.NewKeyFromSeed((*[32]byte)(priv[:32]))
	es256, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), priv[32+7:32+7+32])
	check(err == nil, "KEY_INVALID")
	signature := make([]byte, mldsa65.SignatureSize)
	check(mldsa65.SignTo(mldsa, message, []byte(compositeLabel), true, signature) == nil, "SIGNER_FAILED")
	der, err := es256.Sign(rand.Reader, digest(message), crypto.SHA256)
	check(err == nil, "SIGNER_FAILED")
	return append(signature, der...)
}
