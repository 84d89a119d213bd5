package memory

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// DropPages lets go of the pages of the program's own file. Many were read once, to fill
// tables before main, and the system maps sixteen for each one that is touched (in all
// 7 MB). What is needed again comes from the page cache.
func DropPages() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer func() { _ = maps.Close() }()
	var from, to uintptr // of a part of the file that is only read; 0 for another
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		line := lines.Text()
		if strings.HasSuffix(line, " "+program) {
			var mode string
			if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode); err != nil || strings.Contains(mode, "w") {
				from = 0
			}
		}
		// Pages that the loader has changed are nowhere else, though they are read-only
		// now (RELRO).
		if rest, found := strings.CutPrefix(line, "Anonymous:"); found {
			if from != 0 && strings.TrimSpace(rest) == "0 kB" {
				_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
			}
			from = 0
		}
	}
}
