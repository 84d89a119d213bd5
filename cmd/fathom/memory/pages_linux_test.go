package memory

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

// TestDropPages holds that pages of the file go, and that the program goes on.
func TestDropPages(t *testing.T) {
	before := fileMemory(t)
	DropPages()
	if after := fileMemory(t); after >= before {
		t.Errorf("%d kB of files are in memory, %d before", after, before)
	}
}

// fileMemory returns how much of files is in the memory of this process, in kB.
func fileMemory(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`RssFile:\s+(\d+) kB`).FindSubmatch(text)
	if found == nil {
		t.Fatal("the kernel does not tell files from the rest")
	}
	n, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
