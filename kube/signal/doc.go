// Package signal tells goroutines that something changed, without saying what:
//
//	writer ──> Signal.Notify ──> Subscription.Next ──> reader looks at the state
//
// Nothing is queued: any number of notifications before a subscriber looks are
// one. A Subscription holds back what follows at once, so that a busy cluster
// costs its readers a bounded number of wake-ups. The package does not carry
// values; readers ask the thing that changed.
package signal
