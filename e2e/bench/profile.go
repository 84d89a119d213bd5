package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// profileRate is how many pods change each second while CPU is sampled.
const profileRate = 100

// profiles is where the profiles of one fathom are kept, and how they are had.
type profiles struct{ folder, address, size string }

func (p profiles) keep(ctx context.Context, path, name string) error {
	return download(ctx, "http://"+p.address+path, filepath.Join(p.folder, p.size+"-"+name))
}

// cpu records where CPU time goes for a while.
func (p profiles) cpu(ctx context.Context, window time.Duration, name string) error {
	return p.keep(ctx, fmt.Sprintf("/debug/cpu?seconds=%d", max(1, int(window/time.Second))), name+".pb.gz")
}

// profile records where the memory of a fathom that shows all pods is, and where its
// CPU time goes while they change: SIZE-heap.pb.gz, SIZE-cpu.pb.gz and
// SIZE-counters.json, for go tool pprof. Then it does the same with what is broken.
func (b *bench) profile(ctx context.Context, program *Program, folder string, does func(part string) bool) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	p := profiles{folder, address, b.size}
	if does(partTriage) {
		if err := b.profileTriage(ctx, program, p); err != nil {
			return err
		}
	}
	if !does(partSittings) {
		return nil
	}
	return b.opened(ctx, program, []string{"--debug-listen", address}, func(c *course) error {
		return cmp.Or(
			p.keep(ctx, "/debug/heap", "heap.pb.gz"),
			p.keep(ctx, "/debug/counters", "counters.json"),
			c.under(ctx, profileRate, 0, func() error { return p.cpu(ctx, b.window, "cpu") }),
		)
	})
}

// profileTriage records where CPU time goes until everything is judged, right after that, later, and
// while pods crash, and writes what is requested until then: SIZE-triage-*.
func (b *bench) profileTriage(ctx context.Context, program *Program, p profiles) error {
	c, end, err := b.newCourse(ctx, program, link.LAN)
	if err != nil {
		return err
	}
	defer end()
	start := replaced(program.Triage.Start, "{kubeconfig}", c.config)
	if err := c.open(append(start, "--debug-listen", p.address)); err != nil {
		return err
	}
	if _, err := c.shown("something that is broken", c.left(), program.Triage.Row.in); err != nil {
		return err
	}
	complete, loading := make(chan struct{}), make(chan error, 1)
	go func() { loading <- p.loading(ctx, b.window, complete) }()
	moment, err := c.shown("that all is judged", c.left(), program.Loaded.in)
	close(complete)
	if err := errors.Join(err, <-loading); err != nil {
		return err
	}
	if err := c.writeRequests(moment, filepath.Join(p.folder, p.size+"-triage-requests.txt")); err != nil {
		return err
	}
	pause(ctx, settleAfter)
	return cmp.Or(
		p.cpu(ctx, b.window, "triage-idle"),
		p.keep(ctx, "/debug/heap", "triage-heap.pb.gz"),
		c.under(ctx, profileRate, 0, func() error { return p.cpu(ctx, b.window, "triage-churn") }),
	)
}

// loading records where CPU time goes, in one window after the other until all is there.
func (p profiles) loading(ctx context.Context, window time.Duration, complete <-chan struct{}) error {
	for n := 1; ; n++ {
		if err := p.cpu(ctx, window, fmt.Sprintf("triage-loading-%d", n)); err != nil {
			return err
		}
		select {
		case <-complete:
			return nil
		default:
		}
	}
}

// writeRequests writes the requests since the start, by when they ended, in milliseconds before or
// after a moment.
func (c *course) writeRequests(moment time.Time, path string) error {
	requests, err := c.rig.Requests(c.started, c.program.UserAgent)
	if err != nil {
		return err
	}
	end := func(r fixture.Request) time.Time { return r.Start.Add(r.Duration) }
	slices.SortFunc(requests, func(a, b fixture.Request) int { return end(a).Compare(end(b)) })
	var text strings.Builder
	for _, r := range requests {
		fmt.Fprintf(&text, "%8d %6d %s %d %s\n", end(r).Sub(moment).Milliseconds(), r.Duration.Milliseconds(), r.Verb, r.Code,
			r.URI)
	}
	return os.WriteFile(path, []byte(text.String()), 0o644)
}

// opened runs a program over a fast link until it shows all pods, and then calls do.
func (b *bench) opened(ctx context.Context, program *Program, more []string, do func(*course) error) error {
	c, end, err := b.newCourse(ctx, program, link.LAN)
	if err != nil {
		return err
	}
	defer end()
	if err := c.loaded(more...); err != nil {
		return err
	}
	return do(c)
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// download writes what a URL answers to a file.
func download(ctx context.Context, url, path string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, answer.Status)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, answer.Body)
	return errors.Join(err, file.Close())
}
