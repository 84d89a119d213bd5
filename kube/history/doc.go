// Package history says what changed in a cluster, in words:
//
//	Ring      the versions of objects, as a listing saw them: bounded in bytes
//	Compare   the fields in which two versions differ, lists matched by their keys
//	Describe  the same in words, what matters first, without what means nothing
//	Author    who made a change, and with which tool, from managedFields
//	Rebuild…  what happened before anybody watched, from what the cluster remembers
//	Before    the changes near some objects before a moment, the likeliest cause first
//
// Everything here is a pure function or a plain container: no I/O, no clock, no
// decoding. All text leaves it cleaned, and no value of a Secret leaves it at all.
package history
