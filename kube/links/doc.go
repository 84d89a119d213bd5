// Package links joins records by their links, in both directions, and makes trees of
// them.
//
//	Record.Links ──> Graph ──Above, Below──> Tree ──> lines of a screen, text of --once
//
// A Graph holds the records that it was given. Both ends of each link are indexed when
// the record comes: by the object that it names, by one label of a selector, by the
// labels that a template gives. So a question costs what its answer touches. What a
// question would need and the Graph does not have is an Ask: whoever feeds the Graph
// lists that, and says with Cover how far it is.
//
// Nothing here does I/O, looks at a clock or starts anything. A Graph belongs to one
// goroutine.
package links
