// Package effects has what a person may do to objects of a cluster: one file and one value
// for each effect, which can say itself in words and as a command of kubectl.
//
//	Offers(target) ──> Offer.Make(arguments) ──> Effect ──Plan──> Plan ──Run──> Outcome
//
// An effect that changes an object is a function on the object, without I/O. The request is
// the difference that it makes, as a JSON patch with the UID and the resourceVersion of what
// was looked at, so that nothing else is changed than what was shown. A Plan is what the
// API server's dry run answers. Nothing here decides whether a request may be sent: the
// guard of kube/transport does.
package effects
