// Stock JOSE libraries of Go verify the ES256 signature of one mandate with keys from each document (README.md).
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime/debug"
	"sort"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"
	"github.com/lestrrat-go/jwx/v3/jwk"
	jwxjwt "github.com/lestrrat-go/jwx/v3/jwt"
)

// verifier returns the subject of the verified token.
type verifier func(url, token string) (string, error)

type library struct {
	name, module string
	verify       verifier
}

var libraries = []library{
	{"go-jose", "github.com/go-jose/go-jose/v4", withGoJose},
	{"jwx", "github.com/lestrrat-go/jwx/v3", withJwx},
	{"keyfunc", "github.com/MicahParks/keyfunc/v3", withKeyfunc},
}

func withGoJose(url, token string) (string, error) {
	response, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	var keys jose.JSONWebKeySet
	if err := json.Unmarshal(body, &keys); err != nil {
		return "", err
	}
	parsed, err := josejwt.ParseSigned(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return "", err
	}
	var claims josejwt.Claims
	err = parsed.Claims(keys, &claims)
	return claims.Subject, err
}

func withJwx(url, token string) (string, error) {
	keys, err := jwk.Fetch(context.Background(), url)
	if err != nil {
		return "", err
	}
	parsed, err := jwxjwt.Parse([]byte(token), jwxjwt.WithKeySet(keys))
	if err != nil {
		return "", err
	}
	subject, _ := parsed.Subject()
	return subject, nil
}

func withKeyfunc(url, token string) (string, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	keys, err := keyfunc.NewDefaultCtx(ctx, []string{url})
	if err != nil {
		return "", err
	}
	parsed, err := jwt.Parse(token, keys.Keyfunc, jwt.WithValidMethods([]string{"ES256"}))
	if err != nil {
		return "", err
	}
	return parsed.Claims.GetSubject()
}

func versionOf(module string) string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return dependency.Version[1:]
		}
	}
	return ""
}

func main() {
	var request struct {
		Documents      map[string]string
		Token, Subject string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var documents []string
	for document := range request.Documents {
		documents = append(documents, document)
	}
	sort.Strings(documents)
	out := json.NewEncoder(os.Stdout)
	for _, library := range libraries {
		for _, document := range documents {
			var failure *string
			subject, err := library.verify(request.Documents[document], request.Token)
			if err == nil && subject != request.Subject {
				err = fmt.Errorf("verified other claims")
			}
			if err != nil {
				text := err.Error()
				failure = &text
			}
			out.Encode(map[string]any{
				"library": library.name, "version": versionOf(library.module), "document": document, "failure": failure,
			})
		}
	}
}
