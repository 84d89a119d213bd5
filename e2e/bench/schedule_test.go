package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

func TestHopelessStartsAreNotTried(t *testing.T) {
	fathom, rival := &Program{Name: subject}, &Program{Name: "k9s"}
	b := &bench{
		size:    "S3",
		limit:   time.Minute,
		results: &Results{Links: []string{"LAN", "WAN", "THIN"}, Began: time.Now()},
	}
	b.results.add(subject, "S3", "LAN", "down-complete", 72)
	b.results.add(subject, "S3", "LAN", "complete", 9000)
	b.results.without("k9s", "S3", "LAN", "complete", "not within 1m")
	for _, test := range []struct {
		name                 string
		program              *Program
		profile              link.Profile
		givenUp, loadGivenUp bool
	}{
		{"nothing is known before the fastest link", fathom, link.LAN, false, false},
		{"72 MB at 20 Mbit/s are 29 s", fathom, link.WAN, false, false},
		{"72 MB at 2 Mbit/s are 5 min, but the first rows come before", fathom, link.THIN, false, true},
		{"late over a faster link", rival, link.WAN, true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var a attempts
			b.forgo(test.program, test.profile, &a)
			if a.givenUp != test.givenUp || a.loadGivenUp != test.loadGivenUp {
				t.Errorf("starts given up %v, loads %v, want %v and %v", a.givenUp, a.loadGivenUp, test.givenUp, test.loadGivenUp)
			}
		})
	}
	if f := b.results.find(subject, "S3", "THIN", "complete"); f == nil || !strings.Contains(f.Without,
		"72 MB take 4m48s") {
		t.Errorf("the reason is %+v", f)
	}
}

func TestKilledProgramEndsWaits(t *testing.T) {
	c := &course{program: &Program{Name: "cat", path: "/bin/cat"}, home: t.TempDir()}
	if err := c.open(nil); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	context.AfterFunc(ctx, c.kill)
	stop()
	if _, err := c.shown("nothing", time.Minute, func(string) bool { return false }); !errors.Is(err, errEnded) {
		t.Errorf("the wait ended with %v", err)
	}
	// What is started after the end is ended too.
	if err := c.open(nil); err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if _, err := c.shown("nothing", time.Minute, func(string) bool { return false }); !errors.Is(err, errEnded) {
		t.Errorf("the wait ended with %v", err)
	}
}

func TestSmallestSize(t *testing.T) {
	c := choices{sizes: "S3,S2,nosuch"}
	if !c.isSmallest(10_000) || c.isSmallest(50_000) {
		t.Error("of S3 and S2 it is not S2")
	}
}
