package suite

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/e2e/screen"
)

// TestDebugListen asks a running fathom what it did and where its memory is.
func TestDebugListen(t *testing.T) {
	address := strings.TrimPrefix(unused(t), "https://")
	f := openWith(
		t,
		world.cluster.Kubeconfig,
		screen.Options{Columns: 120, Rows: 40},
		"pods",
		"-n",
		"shop",
		"--debug-listen",
		address,
	)
	f.WaitFor("● live", limit)
	get := func(path string) []byte {
		t.Helper()
		answer, err := http.Get("http://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v: %.200q", path, answer.Status, err, body)
		}
		return body
	}
	var told struct {
		Contexts map[string]struct{ Requests, ReceivedBytes, Listings, Records int }
	}
	if err := json.Unmarshal(get("/debug/counters"), &told); err != nil {
		t.Fatal(err)
	}
	if c := told.Contexts[world.cluster.Context]; c.Requests == 0 || c.ReceivedBytes == 0 || c.Listings == 0 ||
		c.Records == 0 {
		t.Errorf("counted %+v", told)
	}
	for _, path := range []string{"/debug/heap", "/debug/cpu?seconds=1"} {
		if profile := get(path); !strings.HasPrefix(string(profile), "\x1f\x8b") {
			t.Errorf("%s is not a profile: %.40q", path, profile)
		}
	}
	if stacks := string(get("/debug/goroutines")); !strings.Contains(stacks, "main.main()") {
		t.Errorf("no stacks: %.200s", stacks)
	}

	_, problems, code := run(t, nil, world.fathom, "--once", "--debug-listen", "0.0.0.0:0")
	if code != 2 || strings.Count(problems, "\n") != 1 || !strings.Contains(problems, "an address of this machine") {
		t.Errorf("on every address: exit code %d: %s", code, problems)
	}
}
