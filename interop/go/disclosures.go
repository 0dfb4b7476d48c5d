// Processes disclosures: SPEC.md §6 step 8, RFC 9901 §7.1.
package main

import (
	"maps"
	"slices"
)

// disclosures are those of one mandate: the ones no digest has referred to yet, and every digest seen so far.
type disclosures struct {
	waiting map[string][]any
	seen    map[string]bool
}

// process is SPEC.md §6 step 8: it returns the processed payload.
func process(payload object, encoded []string) any {
	const code = "DISCLOSURE_MALFORMED"
	found := disclosures{map[string][]any{}, map[string]bool{}}
	salts := map[any]bool{}
	for _, text := range encoded {
		parts := parse[[]any](decode(text, code, -1), code)
		check(len(parts) == 2 || len(parts) == 3, code)
		for _, part := range parts[:len(parts)-1] {
			_, ok := part.(string)
			check(ok, code)
		}
		salts[parts[0]] = true
		found.waiting[encode(digest([]byte(text)))] = parts
	}
	sdAlg, present := payload["_sd_alg"]
	check(!present || sdAlg == "sha-256", "SD_ALG_UNSUPPORTED")
	check(len(salts) == len(encoded), "DISCLOSURE_REPEATED")
	delete(payload, "_sd_alg")
	processed := found.walk(payload, 1)
	check(len(found.waiting) == 0, "DISCLOSURE_UNREFERENCED")
	return processed
}

// take returns the disclosure that a digest refers to; nil for a decoy or a withheld disclosure.
func (d disclosures) take(value any, parts int) []any {
	decode(value, "DIGEST_MALFORMED", 32)
	digest := value.(string)
	check(!d.seen[digest], "DIGEST_REPEATED")
	d.seen[digest] = true
	found := d.waiting[digest]
	check(found == nil || len(found) == parts, "DISCLOSURE_MISPLACED")
	delete(d.waiting, digest)
	return found
}

func (d disclosures) walk(value any, depth int) any {
	switch value := value.(type) {
	case []any:
		return d.array(value, depth)
	case object:
		return d.object(value, depth)
	}
	return value
}

func (d disclosures) object(value object, depth int) object {
	check(depth <= 32, "TOO_LARGE")
	result := object{}
	for _, name := range slices.Sorted(maps.Keys(value)) {
		check(name != "...", "DIGEST_MALFORMED")
		check(name != "_sd_alg", "SD_ALG_UNSUPPORTED")
		if name != "_sd" {
			result[name] = d.walk(value[name], depth+1)
		}
	}
	digests, isArray := value["_sd"].([]any)
	_, present := value["_sd"]
	check(isArray || !present, "DIGEST_MALFORMED")
	for _, digest := range digests {
		if parts := d.take(digest, 3); parts != nil {
			name := parts[1].(string)
			_, exists := result[name]
			check(!exists && !slices.Contains([]string{"_sd", "...", "_sd_alg"}, name), "DISCLOSURE_NAME")
			result[name] = d.walk(parts[2], depth+1)
		}
	}
	return result
}

func (d disclosures) array(value []any, depth int) []any {
	check(depth <= 32, "TOO_LARGE")
	result := []any{}
	for _, element := range value {
		if member, ok := element.(object); ok {
			if digest, present := member["..."]; present {
				check(len(member) == 1, "DIGEST_MALFORMED")
				parts := d.take(digest, 2)
				if parts == nil {
					continue
				}
				element = parts[1]
			}
		}
		result = append(result, d.walk(element, depth+1))
	}
	return result
}
