// Answers each JSON line on standard input with one on standard output, as ../README.md says. Trees, tiles and proofs are those of
// golang.org/x/mod/sumdb/tlog, notes those of golang.org/x/mod/sumdb/note.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type record struct{ Kind, Token, Bytes string }

type request struct {
	Op, Checkpoint, Proof, Earlier string
	Record                         record
	Size                           int64
	Index, From                    []int64
	Hashes                         []string
	Keys, Witnesses                []string
	Origin, Root, Seed, Ed25519    string
	Time                           uint64
}

type object = map[string]any

func answer(r request) (object, error) {
	switch r.Op {
	case "entry":
		entry, err := encodeEntry(r.Record)
		if err != nil {
			return nil, err
		}
		leaf := tlog.RecordHash(entry)
		return object{"entry": hex.EncodeToString(entry), "leafHash": hex.EncodeToString(leaf[:])}, nil
	case "tree":
		return buildTree(r.Size, r.Index, r.From)
	case "checkpoint":
		tree, err := openCheckpoint(r.Checkpoint, r.Keys, r.Witnesses)
		return object{"size": tree.N}, err
	case "proof":
		return checkProof(r.Proof, r.Record, r.Keys)
	case "consistency":
		return object{}, checkConsistency(r)
	case "sign":
		text, err := sign(r)
		return object{"checkpoint": text}, err
	}
	return nil, fmt.Errorf("unknown op %q", r.Op)
}

// openCheckpoint demands a signature of every key, and a cosignature of every witness.
func openCheckpoint(text string, keys, witnesses []string) (tlog.Tree, error) {
	origin, _, _ := strings.Cut(text, "\n")
	var known []note.Verifier
	for _, key := range append(keys, witnesses...) {
		verifier, err := newVerifier(key)
		if err != nil {
			return tlog.Tree{}, err
		}
		known = append(known, verifier)
	}
	opened, err := note.Open([]byte(text), note.VerifierList(known...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(known) {
		return tlog.Tree{}, fmt.Errorf("%d of %d keys have signed", len(opened.Sigs), len(known))
	}
	if origin != known[0].Name() {
		return tlog.Tree{}, fmt.Errorf("the checkpoint is of another log")
	}
	return parseHead(opened.Text)
}

// parseHead reads the three lines of a checkpoint.
func parseHead(text string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("a checkpoint has three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(size, 10) != lines[1] || size < 0 {
		return tlog.Tree{}, fmt.Errorf("malformed size")
	}
	hash, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: hash}, err
}

// checkProof is C2SP tlog-proof, without extra data.
func checkProof(text string, r record, keys []string) (object, error) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return nil, fmt.Errorf("malformed proof")
	}
	index, err := strconv.ParseInt(lines[1][len("index "):], 10, 64)
	if err != nil {
		return nil, err
	}
	hashes, err := parseHashes(lines[2:])
	if err != nil {
		return nil, err
	}
	tree, err := openCheckpoint(checkpoint, keys, nil)
	if err != nil {
		return nil, err
	}
	entry, err := encodeEntry(r)
	if err != nil {
		return nil, err
	}
	return object{"index": index}, tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func checkConsistency(r request) error {
	earlier, err := openCheckpoint(r.Earlier, r.Keys, nil)
	if err != nil {
		return err
	}
	later, err := openCheckpoint(r.Checkpoint, r.Keys, nil)
	if err != nil {
		return err
	}
	hashes, err := parseHashes(r.Hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, later.N, later.Hash, earlier.N, earlier.Hash)
}

func parseHashes(lines []string) ([]tlog.Hash, error) {
	hashes := []tlog.Hash{}
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

func texts(hashes []tlog.Hash) []string {
	list := []string{}
	for _, hash := range hashes {
		list = append(list, base64.StdEncoding.EncodeToString(hash[:]))
	}
	return list
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func main() {
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<24)
	output := json.NewEncoder(os.Stdout)
	for input.Scan() {
		var r request
		if err := json.Unmarshal(input.Bytes(), &r); err != nil {
			panic(err)
		}
		result, err := answer(r)
		if err != nil {
			result = object{"valid": false, "reason": err.Error()}
		} else {
			result["valid"] = true
		}
		if err := output.Encode(result); err != nil {
			panic(err)
		}
	}
}
