// Package logbuf holds the lines of logs: a million of them in some ten megabytes,
// merged by time when several containers write, and searched in the background.
//
//	kube.LogLine ──> Buffer{newest lines, compressed chunks} ──Prefix──> ui.Line
//	                                                        └─Blocks──> a search, a file
//
// SGR sequences in a line, which the cluster side has checked, become the looks
// of its spans; a search, a copy and a file never see them.
//
// It does not read logs from anywhere, and it does not know which container a
// stream belongs to: streams are numbers. A Buffer is used from one goroutine;
// the blocks that it gives out never change, so any goroutine may read them.
package logbuf
