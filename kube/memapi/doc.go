// Package memapi is a read-only Kubernetes API inside the process: an
// http.RoundTripper that answers client-go from objects held in memory or in a
// file. Nothing listens on a port, and no request leaves the process.
//
//	owner ── Put, Replace, Apply, Delete, Log, Clock.Set ──> API
//	client-go ── RoundTrip ──> serve ──> get | list | watch | log | discover
//	                              └──> held bytes ──> the form that was asked for
//
// Objects are held as the bytes they came in, compressed with their neighbours,
// and are decoded only when a request needs more than their identity. Watches
// get every change. Versions only rise, even when the owner goes back in time.
//
// Ages and logs use the owner's clock, never that of the machine. The package
// changes nothing for clients: the API is read-only.
package memapi
