// Package credential runs the credential plugins of kubeconfigs (users[].user.exec) and
// puts what they return into requests.
//
//	request ──> Plugin ──token──> guard ──> API server
//	               │ └──certificate──> TLS handshake
//	               └── process: answer (an ExecCredential) on stdout, words on stderr
//
// The protocol is that of KEP-541 and of client-go's plugin/pkg/client/auth/exec. That
// package is not used because it gives no hold on the process: here a plugin cannot
// reach the terminal, runs once at a time, can be cancelled, prints no more than a bound,
// and ends with the program, however that ends.
//
// It does not know what a request asks for, and stores nothing.
package credential
