// Package tape is the file that a cluster is recorded into: a Writer that
// appends to it, a Tape that reads it, and a Player that moves a memapi.API
// through its time. docs/tape.md describes the file.
//
//	recorder ──> Writer ──> frames ──> file ──> Tape ──> Player ──> memapi.API
//	             secrets out, deltas    states at a time  play, step, jump
//
// It knows the bytes of objects, not their kinds, and decodes nothing that it does not
// have to. Values of Secrets do not pass the Writer.
package tape
