// Entries (SPEC.md §17.1), and trees with their tiles (C2SP tlog-tiles).
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

var kinds = map[string]byte{"mandate": 1, "chain": 2, "receipt": 3, "revocation": 4, "other": 255}

// encodeEntry is label, kind, length and digest of the sealed form.
func encodeEntry(r record) ([]byte, error) {
	kind, known := kinds[r.Kind]
	if !known {
		return nil, fmt.Errorf("unknown kind %q", r.Kind)
	}
	sealed := []byte(r.Token)
	switch r.Kind {
	case "mandate":
		parts := strings.Split(r.Token, "~")
		sealed = []byte(parts[0] + "~" + parts[len(parts)-1])
	case "chain":
		var jwts []string
		for token := range strings.SplitSeq(r.Token, "~~") {
			jwt, _, _ := strings.Cut(token, "~")
			jwts = append(jwts, jwt)
		}
		sealed = []byte(strings.Join(jwts, "~~") + "~")
	case "other":
		bytes, err := hex.DecodeString(r.Bytes)
		if err != nil {
			return nil, err
		}
		sealed = bytes
	}
	sum := sha256.Sum256(sealed)
	entry := append([]byte("ap2-pq/leaf/v1\n\x00"), kind)
	entry = binary.BigEndian.AppendUint64(entry, uint64(len(sealed)))
	return append(entry, sum[:]...), nil
}

// stored holds every hash of a tree, in tlog's order.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = s[index]
	}
	return hashes, nil
}

// buildTree makes the tree whose entry n is that of the record of kind other with the digits of n as its bytes.
func buildTree(size int64, inclusion, consistency []int64) (object, error) {
	var hashes stored
	var bundles []byte
	files := object{}
	for n := range size {
		entry, err := encodeEntry(record{Kind: "other", Bytes: hex.EncodeToString(fmt.Appendf(nil, "%d", n))})
		if err != nil {
			return nil, err
		}
		added, err := tlog.StoredHashes(n, entry, hashes)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, added...)
		bundles = binary.BigEndian.AppendUint16(bundles, uint16(len(entry)))
		bundles = append(bundles, entry...)
		if n%256 == 255 || n == size-1 {
			tile := tlog.Tile{H: 8, L: -1, N: n / 256, W: int(n%256) + 1}
			files[path(tile)] = digest(bundles)
			bundles = nil
		}
	}
	for _, tile := range tlog.NewTiles(8, 0, size) {
		if isPassed(tile, size) {
			continue
		}
		data, err := tlog.ReadTileData(tile, hashes)
		if err != nil {
			return nil, err
		}
		files[path(tile)] = digest(data)
	}
	root, err := tlog.TreeHash(size, hashes)
	if err != nil {
		return nil, err
	}
	result := object{"root": texts([]tlog.Hash{root})[0], "files": files}
	included, consistent := []object{}, []object{}
	for _, index := range inclusion {
		proof, err := tlog.ProveRecord(size, index, hashes)
		if err != nil {
			return nil, err
		}
		included = append(included, object{"index": index, "hashes": texts(proof)})
	}
	for _, from := range consistency {
		proof, err := tlog.ProveTree(size, from, hashes)
		if err != nil {
			return nil, err
		}
		consistent = append(consistent, object{"from": from, "hashes": texts(proof)})
	}
	result["inclusion"], result["consistency"] = included, consistent
	return result, nil
}

// isPassed says that a tree of this size has the tile wider.
func isPassed(tile tlog.Tile, size int64) bool {
	count := size >> (8 * tile.L)
	return int64(tile.W) < min(256, count-tile.N*256)
}

// path is C2SP's path of a tile: without the height that tlog has in it, and with entries for data.
func path(tile tlog.Tile) string {
	elements := strings.Split(tile.Path(), "/")
	elements = slices.Delete(elements, 1, 2)
	if elements[1] == "data" {
		elements[1] = "entries"
	}
	return strings.Join(elements, "/")
}
