package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestCPUIsThatOfTheProcess(t *testing.T) {
	busy := exec.CommandContext(t.Context(), "/bin/sh", "-c", "while :; do :; done")
	if err := busy.Start(); err != nil {
		t.Fatal(err)
	}
	// It is ended on purpose.
	defer func() { _, _ = busy.Process.Kill(), busy.Wait() }()
	for end := time.Now().Add(10 * time.Second); ; {
		spent, err := cpuOf(busy.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		if spent > 50*time.Millisecond {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("a shell that counts has taken %s after 10 s", spent)
		}
	}
	if spent, err := cpuOf(1 << 27); err == nil {
		t.Errorf("a process that is not there has taken %s", spent)
	}
}

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

func TestFaultsTakeTime(t *testing.T) {
	if took, err := faultTime(); err != nil || took <= 0 || took > time.Millisecond {
		t.Errorf("a page fault takes %s, %v", took, err)
	}
}
