// Package recorder records a cluster into a tape: what is there, what changes, and
// what its pods log.
//
//	Record ──> one follower per resource ──LIST, WATCH──> tape.Writer ──> file
//	              └── pods ──> podLogs ──GET log──────────────┘
//
// It sends only GETs, through the cluster's own connection, and passes objects on as
// the bytes that they came in: only pods and Events are decoded, to find out which
// matter. It does not play tapes, and shows nothing: progress is reported to the
// caller. Start and Stop are the effects by which a session records itself.
package recorder
