// Command incidents proves what fathom's triage says. It injects one fault after another
// into a healthy shop on a real cluster, and measures how soon the right row is on top, and
// how soon it leaves after the repair.
//
//	go -C e2e run ./incidents -o ../docs/triage-results.md
//
//	Scenario ──Inject──> cluster ──Sign──> "the API shows it", since when
//	                        └──> fathom ──screen, JSON──> judge ──> Result ──> page
//
// A Scenario is one fault, or two at the same time, with what triage is expected to say of
// it. A Situation is something that happens in a healthy cluster, of which triage must say
// nothing. The screen of a long-lived fathom says when a row came and went; what the row
// says exactly comes from `fathom triage -o json`.
package main
