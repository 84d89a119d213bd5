package credential

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// TestKernelEndsThePlugin kills the program when nobody watches any more: the kernel still
// ends the plugin itself.
func TestKernelEndsThePlugin(t *testing.T) {
	path := script(t, families["alone"].script)
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), asProgram+"="+path)
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the plugin to run", func() bool { return pids(path+".pids", 1) != nil })
	until(t, "its watcher", func() bool { return childrenOf(program.Process.Pid) > 1 })
	plugin := pids(path+".pids", 1)[0]
	out, _ := exec.Command("ps", "-o", "pid=", "--ppid", strconv.Itoa(program.Process.Pid)).Output()
	for field := range strings.FieldsSeq(string(out)) {
		if pid, err := strconv.Atoi(field); err == nil && pid != plugin {
			watcher, _ := os.FindProcess(pid)
			_ = watcher.Kill()
			until(t, "the end of the watcher", func() bool { return !alive(pid) })
		}
	}
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait()
	until(t, "the end of the plugin", func() bool { return !alive(plugin) })
}
