package main

import (
	"os"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
)

// TestMain captures what libraries say before any cluster runs, as the program
// does: a cluster of an earlier test may still log when another one begins.
func TestMain(m *testing.M) {
	restore, err := kube.CaptureStderr(kube.NewMessages())
	if err != nil {
		panic(err)
	}
	restore()
	os.Exit(m.Run())
}
