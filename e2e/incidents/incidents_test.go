package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/cluster/provider"
)

// upLimit is how long a cluster may take to start: the first time, Kubernetes is built.
const upLimit = 20 * time.Minute

// TestIncidents runs the short scenarios and situations. What they take is for `make incidents` to measure: here a row
// has to come, be right, and leave.
func TestIncidents(t *testing.T) {
	r := testRunner(t)
	for _, scenario := range scenarios() {
		if scenario.Short {
			t.Run(slug(scenario.Name), func(t *testing.T) { check(t, r.scenario(t.Context(), scenario)) })
		}
	}
	for _, situation := range situations(10 * time.Second) {
		if situation.Short {
			t.Run(slug(situation.Name), func(t *testing.T) { check(t, r.situation(t.Context(), situation)) })
		}
	}
}

func check(t *testing.T, result Result) {
	t.Helper()
	if result.Skipped != "" {
		t.Skip(result.Skipped)
	}
	if !result.Healthy && (result.Latency < 0 || result.Left < 0) {
		t.Errorf("the right row came after %s and left after %s", seconds(result.Latency), seconds(result.Left))
	}
	for _, problem := range result.Problems {
		t.Error(problem)
	}
	t.Logf("want %s, got %q; row %s, left %s, onset %s", result.Expected, result.Got, seconds(result.Latency),
		seconds(result.Left), result.onset())
}

// testRunner starts a cluster with the healthy shop, which goes after the test unless FATHOM_E2E_KEEP is set.
func testRunner(t *testing.T) *runner {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), upLimit)
	defer stop()
	o := options{
		cluster: provider.Options{Name: os.Getenv("FATHOM_E2E_CLUSTER"), Progress: os.Stderr}, screen: true,
		// A shop that others broke on purpose is left alone.
		shared: os.Getenv("FATHOM_E2E_CLUSTER") != "", keep: os.Getenv("FATHOM_E2E_ANSWERS"),
		fathom: os.Getenv("FATHOM_E2E_PROGRAM"),
	}
	if o.cluster.Name == "" {
		o.cluster.Name = "incidents"
	}
	clusters, err := provider.New(o.cluster)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("FATHOM_E2E_KEEP") == "" {
		t.Cleanup(func() {
			if err := clusters.Down(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	r, closing, err := prepare(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closing)
	return r
}

// TestResultsArePrinted holds what the page says of each kind of result.
func TestResultsArePrinted(t *testing.T) {
	tests := []struct {
		name   string
		result Result
		want   string
	}{
		{"all is right", Result{Latency: time.Second, Left: time.Second}, "right"},
		{"the row came late", Result{Latency: 3 * time.Second, Left: 0}, "late"},
		{"the row never came", Result{Latency: -1, Left: 0}, "late"},
		{"the row stayed", Result{Latency: 0, Left: -1}, "late"},
		{"the onset is off", Result{Onset: 5 * time.Second}, "onset off"},
		{"no onset", Result{NoOnset: true}, "onset off"},
		{"something is wrong", Result{Problems: []string{"pod shop/web is on top"}}, "**wrong**: pod shop/web is on top"},
		{"nothing was tried", Result{Skipped: "no node"}, "not tried: no node"},
		{"silence", Result{Healthy: true}, "right"},
	}
	for _, test := range tests {
		if got := test.result.verdict(0); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	path := filepath.Join(t.TempDir(), "results", "all.json")
	saved := Results{Cluster: "v1", Results: map[string]Result{"storage class missing": {Name: "storage class missing"}}}
	if err := saved.save(path); err != nil {
		t.Fatal(err)
	}
	if read, err := loadResults(path); err != nil || len(read.Results) != 1 || read.Cluster != "v1" {
		t.Errorf("read %+v, %v", read, err)
	}
}
