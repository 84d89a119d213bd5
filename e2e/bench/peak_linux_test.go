package main

import (
	"os"
	"testing"
)

func TestPeakIsTheProgramsOwn(t *testing.T) {
	own, err := readUsage(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	peak, err := peakOf(t.Context(), nil, "/bin/true")
	if err != nil || peak <= 0 || peak > own.peak/2 {
		t.Errorf("true takes %d bytes, %v; this process %d", peak, err, own.peak)
	}
	if _, err := peakOf(t.Context(), nil, "/bin/false"); err == nil {
		t.Error("a program that fails is measured")
	}
}
