// Man writes fathom.1 from what the program says about itself: the help of the root
// command and of each command below it. It runs the built binary, so that nothing of it
// is linked into the product.
//
//	go -C e2e run ./man -program ../fathom -o ../dist/fathom.1
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	program := flag.String("program", "../fathom", "the built `binary`")
	out := flag.String("o", "fathom.1", "the `file` to write")
	flag.Parse()
	if err := run(*program, *out); err != nil {
		fmt.Fprintln(os.Stderr, "man:", err)
		os.Exit(1)
	}
}

func run(program, out string) error {
	root, err := ask(program)
	if err != nil {
		return err
	}
	var commands []help
	for _, name := range root.commands() {
		command, err := ask(program, name)
		if err != nil {
			return err
		}
		commands = append(commands, command)
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	return os.WriteFile(out, []byte(page(root, commands)), 0o644)
}

// ask runs the program for its help of one command.
func ask(program string, args ...string) (help, error) {
	cmd := exec.Command(program, append(args, "--help")...)
	cmd.Env = append(os.Environ(), "HOME=~") // Defaults are in the reader's home, not in the builder's.
	text, err := cmd.Output()
	if err != nil {
		return help{}, fmt.Errorf("%s --help: %w", strings.Join(append([]string{program}, args...), " "), err)
	}
	return parse(strings.Join(args, " "), string(text)), nil
}
