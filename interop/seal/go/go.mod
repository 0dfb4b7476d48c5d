module ap2pq

go 1.25.0

require (
	github.com/cloudflare/circl v1.6.5
	golang.org/x/mod v0.38.0
)

require golang.org/x/sys v0.47.0 // indirect
