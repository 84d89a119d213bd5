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
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// profileRate is how many pods change each second while CPU is sampled.
const profileRate = 100

// profile records where the memory of a fathom that shows all pods is, and where its
// CPU time goes while they change: SIZE-heap.pb.gz, SIZE-cpu.pb.gz and
// SIZE-counters.json, for go tool pprof.
func (b *bench) profile(ctx context.Context, program *Program, folder string) error {
	address, err := freeAddress()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	keep := func(path, name string) error {
		return download(ctx, "http://"+address+path, filepath.Join(folder, b.size+"-"+name))
	}
	return b.opened(ctx, program, []string{"--debug-listen", address}, func(c *course) error {
		return cmp.Or(
			keep("/debug/heap", "heap.pb.gz"),
			keep("/debug/counters", "counters.json"),
			c.under(ctx, profileRate, 0, func() error {
				return keep(fmt.Sprintf("/debug/cpu?seconds=%d", max(1, int(b.window/time.Second))), "cpu.pb.gz")
			}),
		)
	})
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
