//go:build !linux

package provider

import (
	"os/exec"
	"strconv"
	"strings"
)

// processStart is the time at which the process started, empty if there is no such
// process or it is only waiting to be reaped.
func processStart(pid int) string {
	output, err := exec.Command("ps", "-o", "state=,lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	state, start, _ := strings.Cut(strings.TrimSpace(string(output)), " ")
	if strings.HasPrefix(state, "Z") {
		return ""
	}
	return strings.TrimSpace(start)
}
