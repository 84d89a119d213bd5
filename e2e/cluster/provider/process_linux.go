package provider

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"sync"
)

// bootID tells the process numbers and start times of this boot from another's.
var bootID = sync.OnceValue(func() string {
	data, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(data))
})

// processStart is the boot and the tick at which the process started (proc(5), stat
// field 22), empty if there is no such process or it is only waiting to be reaped.
func processStart(pid int) string {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return ""
	}
	// The second field is the program's name in parentheses, which may hold any byte.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 20 {
		return ""
	}
	// A killed process is a zombie as soon as its first thread has ended, but holds
	// its sockets until its last one has.
	ended := fields[0] == "Z" || fields[0] == "X"
	if threads, err := strconv.Atoi(fields[17]); ended && (err != nil || threads <= 1) {
		return ""
	}
	return bootID() + "/" + fields[19]
}
