// Package rows decides which records of a listing a table shows, and in what
// order.
//
//	kube.Listing ──changes──> Index ──filter, sort──> ui.Rows ──> ui.Table
//
// index.go follows the listing, sort.go keeps the order, filter.go reads what
// a user types after "/", and cells.go is what the table widget asks for.
//
// It does not draw, it starts nothing, and it reads no clock but the one that
// it is given. Nothing here is safe to use from two goroutines.
package rows
