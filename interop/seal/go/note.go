// Signatures of notes in the types that golang.org/x/mod/sumdb/note leaves to others, and signing.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/cloudflare/circl/sign/mldsa/mldsa44"
	"github.com/cloudflare/circl/sign/mldsa/mldsa65"
	"golang.org/x/mod/sumdb/note"
)

// mldsa65Type is SPEC.md §17.2.
var mldsa65Type = append([]byte{0xff}, "ap2-pq/ml-dsa-65-cosignature/v1"...)

type verifier struct {
	name   string
	id     uint32
	verify func(message, signature []byte) bool
}

func (v verifier) Name() string                          { return v.name }
func (v verifier) KeyHash() uint32                       { return v.id }
func (v verifier) Verify(message, signature []byte) bool { return v.verify(message, signature) }

func keyID(name string, typeAndKey []byte) uint32 {
	sum := sha256.Sum256(append([]byte(name+"\n"), typeAndKey...))
	return binary.BigEndian.Uint32(sum[:])
}

// newVerifier reads a verifier key: Ed25519 by x/mod, the other types here.
func newVerifier(vkey string) (note.Verifier, error) {
	if plain, err := note.NewVerifier(vkey); err == nil {
		return plain, nil
	}
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("malformed verifier key")
	}
	name := parts[0]
	data, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	v := verifier{name: name, id: keyID(name, data)}
	switch {
	case bytes.HasPrefix(data, mldsa65Type):
		var key mldsa65.PublicKey
		if err := key.UnmarshalBinary(data[len(mldsa65Type):]); err != nil {
			return nil, err
		}
		v.verify = timed(func(time uint64, text, signature []byte) bool {
			return mldsa65.Verify(&key, cosignedMessage(name, time, text), nil, signature)
		})
	case data[0] == 0x06:
		var key mldsa44.PublicKey
		if err := key.UnmarshalBinary(data[1:]); err != nil {
			return nil, err
		}
		v.verify = timed(func(time uint64, text, signature []byte) bool {
			return mldsa44.Verify(&key, cosignedMessage(name, time, text), nil, signature)
		})
	case data[0] == 0x04 && len(data) == 33:
		v.verify = timed(func(time uint64, text, signature []byte) bool {
			message := fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", time, text)
			return ed25519.Verify(ed25519.PublicKey(data[1:]), message, signature)
		})
	case data[0] == 0x02:
		public, err := x509.ParsePKIXPublicKey(data[1:])
		if err != nil {
			return nil, err
		}
		key, isEcdsa := public.(*ecdsa.PublicKey)
		if !isEcdsa {
			return nil, fmt.Errorf("not an ECDSA key")
		}
		sum := sha256.Sum256(data[1:])
		v.id = binary.BigEndian.Uint32(sum[:])
		v.verify = func(message, signature []byte) bool {
			hash := sha256.Sum256(message)
			return ecdsa.VerifyASN1(key, hash[:], signature)
		}
	default:
		return nil, fmt.Errorf("unknown signature type")
	}
	if fmt.Sprintf("%08x", v.id) != parts[1] {
		return nil, fmt.Errorf("the id is not that of the key")
	}
	return v, nil
}

func timed(verify func(time uint64, text, signature []byte) bool) func(text, signature []byte) bool {
	return func(text, signature []byte) bool {
		return len(signature) > 8 && verify(binary.BigEndian.Uint64(signature), text, signature[8:])
	}
}

// cosignedMessage is C2SP tlog-cosignature's structure of that name, of a whole tree.
func cosignedMessage(name string, time uint64, text []byte) []byte {
	tree, err := parseHead(string(text))
	if err != nil {
		return nil
	}
	origin, _, _ := strings.Cut(string(text), "\n")
	message := []byte("subtree/v1\n\x00")
	message = append(append(message, byte(len(name))), name...)
	message = binary.BigEndian.AppendUint64(message, time)
	message = append(append(message, byte(len(origin))), origin...)
	message = binary.BigEndian.AppendUint64(message, 0)
	message = binary.BigEndian.AppendUint64(message, uint64(tree.N))
	return append(message, tree.Hash[:]...)
}

type signer struct {
	verifier
	sign func(message []byte) ([]byte, error)
}

func (s signer) Sign(message []byte) ([]byte, error) { return s.sign(message) }

// sign makes a checkpoint with Ed25519 by x/mod, and ML-DSA-65.
func sign(r request) (string, error) {
	seed, err := hex.DecodeString(r.Seed)
	if err != nil {
		return "", err
	}
	public, private := mldsa65.NewKeyFromSeed((*[mldsa65.SeedSize]byte)(seed))
	encoded, _ := public.MarshalBinary()
	pq := signer{
		verifier: verifier{name: r.Origin, id: keyID(r.Origin, append(bytes.Clone(mldsa65Type), encoded...))},
		sign: func(text []byte) ([]byte, error) {
			signature := make([]byte, 8+mldsa65.SignatureSize)
			binary.BigEndian.PutUint64(signature, r.Time)
			message := cosignedMessage(r.Origin, r.Time, text)
			return signature, mldsa65.SignTo(private, message, nil, true, signature[8:])
		},
	}
	ed25519Seed, err := hex.DecodeString(r.Ed25519)
	if err != nil {
		return "", err
	}
	key := ed25519.NewKeyFromSeed(ed25519Seed)
	typed := append([]byte{1}, key.Public().(ed25519.PublicKey)...)
	secret := fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", r.Origin, keyID(r.Origin, typed),
		base64.StdEncoding.EncodeToString(append([]byte{1}, ed25519Seed...)))
	classical, err := note.NewSigner(secret)
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", r.Origin, r.Size, r.Root)
	signed, err := note.Sign(&note.Note{Text: text}, pq, classical)
	return string(signed), err
}
