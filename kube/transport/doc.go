// Package transport is what requests to an API server pass through:
//
//	client-go ──> Heartbeat ──> client-go's credentials ──> Guard ──> Unzipping ──> net/http ──> InFlight.Dial
//	              how the                                   refuses changes, other               a connection that
//	              connection is                             servers, large answers               lets events coalesce
//
// The package does not make requests and does not know what they ask for.
// Heartbeat.Status returns what it knows about the connection; package kube puts it in
// words.
package transport
