// Package kube reads a cluster into a cache of records and writes effects back
// to it. It does not know that a terminal exists.
//
//	API server ──> coalescing connection ──> guard ──> heartbeat ──> list pages, watch events
//	                                                                      │ object becomes Record
//	views <── ListingChanged <── Listing (rows, change log) <── Reflector <┘
//	API server <── guard <── Delete.Run <── ui
//
// A Cluster is one kubeconfig context, or a Backend that stands for one. A Listing
// is one resource in one scope: client-go's Reflector keeps it in step with the API
// server, and the Listing itself is the store that the Reflector writes to. A
// SharedIndexInformer is not used: its DeltaFIFO would hold a second set of
// everything, and no row would be seen before the last has arrived.
//
// Objects become records before the Reflector sees them, on both paths (list pages
// and watch events), so that a parsed object lives for microseconds. Of the object
// itself a record keeps the bytes, compressed against a few of its siblings.
//
// A narrow scope (a namespace, a selector) is requested from the server, even while
// a broader one is live.
//
// No panic in the background ends the program: see Messages.Start, and contain below.
//
// The packages below hold what needs no cluster: wire cuts up protobuf, bodies
// compresses objects, signal wakes readers, transport is what requests pass through,
// credential runs the plugins that kubeconfigs name, plain makes errors fit to be shown,
// contain starts goroutines. Above it is recorder: it reads a cluster as bytes through
// Cluster.Raw, and Close waits for its Recording.
//
// All text that leaves this package towards views is clean, and must not be cleaned
// again: names, cells, states, log lines (whose colours stay) and notes, descriptions,
// messages, contexts, resources and the text of errors. The exceptions are the whole
// objects of Decode and Fields: those are as the cluster has them, and whoever shows
// them cleans them. TestNothingHostileIsDrawn in views holds all of this.
package kube
