// Package kube reads a cluster into a cache of records and writes effects back
// to it. It does not know that a terminal exists.
//
//	API server ──> guard ──> lister ──> Reflector ──> Listing ──> ListingChanged ──> views
//	             (transport)  object          (rows, change log)
//	                          becomes Record
//	API server <── guard <── Delete.Run <── ui
//
// A Cluster is one kubeconfig context. A Listing is one resource in one scope:
// client-go's Reflector keeps it in step with the API server, and the Listing
// itself is the store that the Reflector writes to. A SharedIndexInformer is
// not used: its DeltaFIFO would hold a second set of everything, and rows would
// only be seen once the last of them has arrived.
//
// Objects become records inside the ListerWatcher, before the Reflector sees
// them, on every path (list pages, WatchList streams, watch events), so that a
// parsed object lives for microseconds. Of the object itself a record keeps the
// bytes, compressed against a few of its siblings.
//
// A scope is a scope: a narrow one (a namespace, a selector) is asked of the
// server, even while a broader one is live.
//
// All text that leaves this package towards views is clean: names, cells, log
// lines, descriptions and the text of errors.
package kube
