module ap2pq

go 1.25.0

require (
	github.com/cloudflare/circl v1.6.5
	github.com/gowebpki/jcs v1.0.2
)

require golang.org/x/sys v0.47.0 // indirect
