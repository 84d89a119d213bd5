package kube

// Phase says how a connection or a listing is doing.
type Phase uint8

// The phases.
const (
	// Idle: a listing that nobody watches.
	Idle Phase = iota
	// Connecting: nothing has been heard yet.
	Connecting
	// Loading: the first objects arrive.
	Loading
	// Live: in step with the API server.
	Live
	// Stale: was live; what is shown may be old, and a new try is under way.
	Stale
	// Denied: the API server forbids it (listings).
	Denied
	// Failed: it never worked (listings).
	Failed
	// Unreachable: the API server has never answered (clusters).
	Unreachable
	// SignedOut: the API server does not accept the credentials (clusters).
	SignedOut
)

// String is the phase in one or two words.
func (p Phase) String() string {
	return [...]string{
		"idle", "connecting", "loading", "live", "stale", "denied", "failed", "unreachable", "signed out",
	}[p]
}

// Undecided reports whether the outcome is still open: neither has everything come nor
// has anything gone wrong.
func (p Phase) Undecided() bool { return p <= Loading }
