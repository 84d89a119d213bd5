// Package remote does what needs a stream to a container, without kubectl: shells, attached
// processes, forwarded ports, copied files, and containers to debug with.
//
//	Resolve ──> Place ──> Session, Copy, Debug ──> stream ──> WebSocket, or SPDY ──> kube's guard
//	Forwards ──> Forward ──> the pod that stands for its subject now ──> dial ──> the same
//
// It opens connections with what kube.Cluster.Upgrading returns, so that the guard sees every
// one of them. It does not draw, and does not ask the user anything.
package remote
