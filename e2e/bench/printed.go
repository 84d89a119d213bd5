package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/fathom-k8s/fathom/e2e/bench/fixture"
	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

// printedStreams measures a program that prints the logs of many pods, into a file.
func (b *bench) printedStreams(ctx context.Context, program *Program) (err error) {
	if program.Printed == nil {
		return nil
	}
	w, err := b.rig.Writers(ctx, fourByTwo, 1, fastTogether/fourByTwo.Streams())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close(context.WithoutCancel(ctx))) }()
	home, err := newHome()
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	file, err := os.Create(filepath.Join(home, "log"))
	if err != nil {
		return err
	}
	defer file.Close()
	args := replaced(program.Printed, "{kubeconfig}", b.rig.Kubeconfig, "{namespace}", fixture.WriterNamespace)
	command := exec.CommandContext(ctx, program.path, args...)
	command.Env, command.Stdout = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}, file
	if err := command.Start(); err != nil {
		return err
	}
	pause(ctx, 2*time.Second)
	before, err := readUsage(command.Process.Pid)
	began := time.Now()
	pause(ctx, b.window)
	after, problem := readUsage(command.Process.Pid)
	lines := time.Since(began).Seconds() * fastTogether
	_ = command.Process.Signal(os.Interrupt)
	_ = command.Wait()
	if err = errors.Join(err, problem); err != nil {
		return err
	}
	text, err := os.ReadFile(file.Name())
	if err != nil {
		return err
	}
	missing, found := gapsInStreams(text)
	b.say("%s: %d lines of %d streams, %d missing", program.Name, bytes.Count(text, []byte("\n")), found, missing)
	b.results.add(program.Name, b.size, link.LAN.Name, "streams-missing", float64(missing))
	b.results.add(program.Name, b.size, link.LAN.Name, "streams-cpu", (after.cpu-before.cpu).Seconds()/lines*1e6)
	return nil
}
