// Package wire cuts up what an API server sends in protobuf, without decoding
// more of it than has to be known:
//
//	list:   "k8s\0" Unknown{ raw: PodList{ metadata, items } }     ──> ListStream ──> objects
//	watch:  length, WatchEvent{ type, "k8s\0" Unknown{ raw } }, …  ──> ReadFrame ──> ParseEvent ──> object
//	object: everything ──> DropFieldSets ──> what is stored
//	                   └─> FieldMask ──────> what has to be decoded
//
// A body that was cut off is an error and never a shorter list. The package does
// not send requests, does not know which kinds there are, and does not read JSON.
package wire
