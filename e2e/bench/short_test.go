package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
	"github.com/fathom-k8s/fathom/e2e/program"
)

// TestCountsAndRatios runs fathom at the two smaller sizes and asserts what does not depend on the
// machine's speed: what it asks of the server, what it writes to the terminal, and what it
// allocates.
func TestCountsAndRatios(t *testing.T) {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		t.Skip("the rig is a native control plane, which needs Linux and root")
	}
	binary := filepath.Join(t.TempDir(), "fathom")
	if err := program.Build(t.Context(), binary); err != nil {
		t.Fatal(err)
	}
	fathom, err := loadProgram(subject)
	if err != nil {
		t.Fatal(err)
	}
	fathom.path = binary
	for _, test := range []struct {
		size fixture.Size
		most map[string]float64
	}{
		{fixture.S1, map[string]float64{
			// TLS, the server's version and other requests are most of it.
			"down-complete/list": 1.5, "requests": 14, "down-judged/list": 4, "requests-judged": 40,
			// Half of the pods are on the screen, and twenty change between two frames.
			"rows/frame": 20,
		}},
		{fixture.S2, map[string]float64{
			"down-complete/list": 1, "requests": 40, "peak/pods": 1.3, "rows/frame": 1,
			"down-judged/list": 1.2, "requests-judged": 60,
		}},
	} {
		t.Run(test.size.Name, func(t *testing.T) {
			s := newShort(t, fathom, test.size)
			s.measure()
			s.assert(test.most)
		})
	}
}

// atMost are the limits at every size. An update is a whole pod of about 9 KB.
var atMost = map[string]float64{
	"lists": 0, "requests-idle": 0, "down-idle": 5, "pty-idle": 2_000, "pty-cursor": 300,
	"down/update": 1.3, "allocated/update": 12, "allocations/update": 600, "pty/piece": 8_000,
}

// short is one size of the short form.
type short struct {
	*testing.T
	*course
	address string
	// ratios are measured along with the figures.
	ratios map[string]float64
}

func newShort(t *testing.T, fathom *Program, size fixture.Size) *short {
	t.Helper()
	b := &bench{
		cluster: "bench-short",
		window:  5 * time.Second,
		limit:   time.Minute,
		results: &Results{Links: []string{link.LAN.Name}},
	}
	down, err := b.open(t.Context(), size.Name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(down)
	c, end, err := b.newCourse(t.Context(), fathom, link.LAN)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	return &short{T: t, course: c, address: address, ratios: map[string]float64{}}
}

func (s *short) measure() {
	s.Helper()
	list, event := s.sizes()
	listening := *s.program
	listening.Start = append(slices.Clone(listening.Start), "--debug-listen", s.address)
	for _, suffix := range []string{"-cold", ""} {
		if s.session != nil {
			// Its successor takes its address.
			s.try(s.quit())
		}
		s.course.program = &listening
		before := s.link.Counts()
		s.try(s.begin(suffix))
		if suffix == "" {
			s.try(s.load(before))
			s.judged(before, list)
		}
	}
	s.session.settle(time.Second)
	used, err := s.usage()
	s.try(err)
	s.ratios["down-complete/list"] = s.figure("down-complete") * 1e6 / list
	s.ratios["peak/pods"] = float64(used.peak) / (event * float64(s.pods))
	s.try(s.idle(s.Context()))
	s.try(s.moving(s.Context()))
	s.update(event)
}

// judged waits until nothing is asked for any more: once the table is complete, the program reads
// what is small to count what fails, for the header. Until then it is not idle. What all of that
// takes has limits of its own, far below what k9s takes for its table of pods.
func (s *short) judged(before link.Counts, list float64) {
	s.Helper()
	for deadline := time.Now().Add(s.limit); ; pause(s.Context(), 500*time.Millisecond) {
		requests, err := s.rig.Requests(s.started, s.course.program.UserAgent)
		s.try(err)
		if len(requests) > 0 && time.Since(requests[len(requests)-1].Start) > 3*time.Second {
			s.ratios["requests-judged"] = float64(len(requests))
			s.ratios["down-judged/list"] = float64(s.link.Counts().Sub(before).Down) / list
			return
		}
		if time.Now().After(deadline) {
			s.Fatalf("after %s it still asks: %d requests", s.limit, len(requests))
		}
	}
}

// update measures what one update costs, of pods that are on the screen and of pods that are not.
func (s *short) update(event float64) {
	s.Helper()
	ctx, stop := context.WithCancel(s.Context())
	defer stop()
	churn, err := s.rig.Churn(ctx, 100, 0)
	s.try(err)
	pause(ctx, time.Second)
	done, before, wrote, received := churn.Done(), s.counters(), s.written(), s.link.Counts()
	pause(ctx, s.window)
	after, now := s.counters(), s.written()
	updates := float64(churn.Done() - done)
	down := float64(s.link.Counts().Sub(received).Down)
	stop()
	s.try(churn.Wait())
	if updates < 100 {
		s.Fatalf("%.0f pods were changed, want some hundreds", updates)
	}
	s.Logf("an update is %.0f bytes of protobuf, %.0f were made", event, updates)
	s.ratios["down/update"] = down / updates / event
	s.ratios["allocated/update"] = float64(after.Allocated-before.Allocated) / updates / event
	s.ratios["allocations/update"] = float64(after.Allocations-before.Allocations) / updates
	s.ratios["rows/frame"] = float64(after.Rows-before.Rows) / float64(max(1, after.Frames-before.Frames))
	s.ratios["pty/piece"] = float64(now.bytes-wrote.bytes) / float64(max(1, now.pieces-wrote.pieces))
}

// tally is the part of /debug/counters that is compared.
type tally struct {
	Allocated   uint64 `json:"allocatedBytes"`
	Allocations uint64 `json:"allocations"`
	Frames      int64  `json:"frames"`
	Rows        int64  `json:"rowsFormatted"`
}

func (s *short) counters() (t tally) {
	s.Helper()
	path := filepath.Join(s.TempDir(), "counters.json")
	s.try(download(s.Context(), "http://"+s.address+"/debug/counters", path))
	text, err := os.ReadFile(path)
	s.try(err)
	s.try(json.Unmarshal(text, &t))
	return t
}

func (s *short) figure(name string) float64 {
	s.Helper()
	f := s.results.find(subject, s.size, link.LAN.Name, name)
	if f == nil || len(f.Values) == 0 {
		s.Fatalf("%s was not measured", name)
	}
	return worst(f.Values)
}

// assert compares what was measured with the limits.
func (s *short) assert(most map[string]float64) {
	s.Helper()
	limits := maps.Clone(atMost)
	maps.Copy(limits, most)
	for _, name := range slices.Sorted(maps.Keys(limits)) {
		got, ok := s.ratios[name]
		if !ok {
			got = s.figure(name)
		}
		if limit := limits[name]; got > limit {
			s.Errorf("%s: %.2f, want at most %.2f", name, got, limit)
		} else {
			s.Logf("%s: %.2f of at most %.2f", name, got, limit)
		}
	}
	// Which requests overlap depends on the machine's speed; a unit test of package
	// kube checks that rows need only one.
	s.Logf("serial: %.0f", s.figure("serial"))
	for _, g := range s.results.Guards {
		if !g.OK {
			s.Errorf("%s: %s", g.Name, g.Detail)
		}
	}
}

func (s *short) try(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// sizes are how many bytes a list of all pods takes as gzipped JSON, and one pod as protobuf.
func (s *short) sizes() (list, event float64) {
	s.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", s.rig.Kubeconfig)
	s.try(err)
	client, err := kubernetes.NewForConfig(config)
	s.try(err)
	pods := client.CoreV1().RESTClient().Get().Resource("pods")
	text, err := pods.DoRaw(s.Context())
	s.try(err)
	var packed bytes.Buffer
	// The level that the API server uses.
	writer, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	s.try(err)
	_, err = writer.Write(text)
	s.try(errors.Join(err, writer.Close()))
	binary, err := client.CoreV1().RESTClient().Get().Resource("pods").Param("limit", "100").
		SetHeader("Accept", "application/vnd.kubernetes.protobuf").DoRaw(s.Context())
	s.try(err)
	return float64(packed.Len()), float64(len(binary)) / 100
}
