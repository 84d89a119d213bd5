// Package bodies keeps whole objects, compressed, for the records of a cluster:
//
//	object ──> Codec.Encode ──> Block of some siblings, compressed against the
//	                            Codec's dictionary ──> kinds.Body in a record
//	record's Body ──> Store.Text ──> the object's text
//
// A Store belongs to a cluster, a Codec to one resource. The package does not
// know listings or decode objects: its caller says which blocks are in use, and
// Trim drops the oldest of them when they exceed the budget.
package bodies
