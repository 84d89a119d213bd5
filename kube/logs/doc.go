// Package logs makes one log of many: it reads the lines that a kubelet sends, resumes a
// stream where it broke, and merges streams by time.
//
//	body ──> Reader ──> Tail ──> Merge ──> lines in order
//	         one per request  one per container
//
// It opens no connection and does not know pods: streams are numbers. Nothing is dropped:
// a stream whose lines nobody takes waits, and the container runtime keeps what follows.
package logs
