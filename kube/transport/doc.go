// Package transport is what requests to an API server pass through:
//
//	client-go ──> Heartbeat ──> client-go's credentials ──> Guard ──> Unzipping ──> net/http ──> InFlight.Dial
//	              how the                                   refuses                              a connection that
//	              connection is                             changes, counts                      lets events coalesce
//
// The package does not make requests of its own and does not know what they ask
// for. What it knows of the connection, Heartbeat.Status returns; package kube
// says it in words.
package transport
