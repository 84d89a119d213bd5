package provider

import (
	"context"
	"fmt"
	"strings"
	"syscall"
)

// restart starts one program again with the arguments it had.
func (n *native) restart(ctx context.Context, name string) error {
	unlock, err := n.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	state, err := n.readState()
	if err != nil {
		return err
	}
	process, ok := state.process(name)
	if !ok {
		return fmt.Errorf("start %s: %s does not run it", name, n.Name)
	}
	if err := process.kill(ctx); err != nil {
		return err
	}
	if err := n.launch(state, process); err != nil {
		return err
	}
	for _, component := range n.components(state) {
		if component.name == name {
			return n.waitHealthy(ctx, state, component)
		}
	}
	return nil
}

// signal implements faults.
func (n *native) signal(name string, signal syscall.Signal) error {
	process, err := n.running(name)
	if err != nil {
		return err
	}
	if !process.alive() {
		return fmt.Errorf("signal %s: it does not run; Start starts it again", name)
	}
	return syscall.Kill(process.PID, signal)
}

// kill implements faults.
func (n *native) kill(ctx context.Context, name string) error {
	process, err := n.running(name)
	if err != nil {
		return err
	}
	return process.kill(ctx)
}

// running is the process of a program.
func (n *native) running(name string) (process, error) {
	state, err := n.readState()
	if err != nil {
		return process{}, err
	}
	found, ok := state.process(name)
	if !ok {
		return process{}, fmt.Errorf("component %s: it is not a part of %s", name, n.Name)
	}
	return found, nil
}

func (n *native) component(name string) (*Component, error) {
	state, err := n.readState()
	if err != nil {
		return nil, err
	}
	if _, ok := state.process(name); !ok {
		var names []string
		for _, process := range state.Processes {
			names = append(names, process.Name)
		}
		return nil, fmt.Errorf("component %s of %s: there are %s", name, n.Name, strings.Join(names, ", "))
	}
	return &Component{Name: name, Log: n.logPath(name), cluster: n}, nil
}
