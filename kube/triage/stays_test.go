package triage

import "testing"

// TestStays holds that what the next try of the kubelet cannot mend is not said to settle.
func TestStays(t *testing.T) {
	young := func(state string) string {
		return changed(pod("a", "", starting("", state)), "@-10m", "@-5s", "@-1h", "@-5s")
	}
	start := func(message string) string {
		return changed(pod("a", "", status("False", "@-5s", crashes(1, `{exitCode: 128, reason: StartError, `+
			`startedAt: "1970-01-01T00:00:00Z", finishedAt: @-5s, message: '`+message+`'}`))), "@-1h", "@-6s")
	}
	for _, c := range []struct {
		name, object string
		settles      bool
	}{
		{"an image that may be there soon", young(waits("ErrImagePull", "a/b:1: not found")), true},
		{"a registry that may be back", young(waits("ErrImagePull", "dial tcp: connection refused")), true},
		{"a registry that wants a name", young(waits("ErrImagePull", "401 Unauthorized")), false},
		{"a name that is none", young(waits("InvalidImageName", "couldn't parse image name")), false},
		{"a file that is not there", start(`exec: "nope": executable file not found in $PATH`), false},
		{"a file of another machine", start("exec /app: exec format error"), false},
		{"a runtime that is slow", start("failed to create shim task: context deadline exceeded"), true},
		{"a crash", changed(pod("a", "", status("False", "@-5s", crashes(1, exit3))), "@-1h", "@-6s"), true},
	} {
		v := newScene(t).put(c.object).state.Judge(noon)
		if len(v.Findings) != 1 || v.Findings[0].Settling != c.settles {
			t.Errorf("%s: settles is not %t of %+v", c.name, c.settles, v.Findings)
		}
	}
}
