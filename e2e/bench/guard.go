package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

const (
	// freshLimit is how old the screen may be.
	freshLimit = time.Second
	// tellLimit is how long a program may take to report that something is refused or
	// lost.
	tellLimit = 15 * time.Second
)

// guards checks that what a program shows is true. It deletes a pod, so nothing is
// measured after it.
func (b *bench) guards(ctx context.Context, program *Program) error {
	if len(program.Keys.Down) == 0 {
		return nil
	}
	c, end, err := b.newCourse(ctx, program, link.LAN)
	if err != nil {
		return err
	}
	defer end()
	if err := c.deniedIsShown(); err != nil {
		return err
	}
	if err := c.loaded(); errors.Is(err, errLate) {
		return nil
	} else if err != nil {
		return err
	}
	for _, check := range []func(context.Context) error{
		c.rowsEqualServer, c.cellsEqualServer, c.deletedLeaves, c.droppedIsShown,
	} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// rowsEqualServer pages through the whole table.
func (c *course) rowsEqualServer(ctx context.Context) error {
	names, err := c.rig.Pods(ctx)
	if err != nil {
		return err
	}
	want, got := map[string]bool{}, map[string]bool{}
	for _, name := range names {
		want[name] = true
	}
	for {
		line := c.underCursor()
		for _, row := range c.shownRows() {
			got[row.name] = true
		}
		before := c.written()
		if err := c.keys(c.program.Keys.PageDown); err != nil {
			return err
		}
		// At the end of the table nothing more is written.
		if err := c.frame(before, freshLimit); err != nil || c.underCursor() == line {
			break
		}
	}
	missing, extra := difference(want, got), difference(got, want)
	c.hold("at rest the rows are the server's", len(missing)+len(extra) == 0,
		fmt.Sprintf("%d rows are missing %v, %d are too many %v", len(missing), firstOf(missing), len(extra), firstOf(extra)))
	err = c.press(c.program.Keys.Top)
	return err
}

func difference(from, minus map[string]bool) (names []string) {
	for name := range from {
		if !minus[name] {
			names = append(names, name)
		}
	}
	return names
}

func firstOf(names []string) []string {
	slices.Sort(names)
	return names[:min(3, len(names))]
}

// row is the part of a line that can be compared: age and the time of the last restart
// change by themselves.
type row struct{ name, ready, status, restarts string }

// shownRows reads the pods on the screen.
func (c *course) shownRows() []row {
	return c.rowsOf(c.terminal.Screen().Text())
}

func (c *course) rowsOf(text string) (found []row) {
	for line := range strings.Lines(text) {
		if !c.program.Row.in(line) {
			continue
		}
		fields := strings.Fields(strings.TrimLeft(line, "›│ "))
		fields = slices.DeleteFunc(fields, func(field string) bool { return field == "●" })
		for i, field := range fields {
			fields[i] = strings.TrimRight(field, c.program.Marks)
		}
		if len(fields) >= 5 {
			found = append(found, row{fields[0] + "/" + fields[1], fields[2], fields[3], fields[4]})
		}
	}
	return found
}

// cellsEqualServer changes what is on the screen, stops, and compares.
func (c *course) cellsEqualServer(ctx context.Context) error {
	changing, stop := context.WithTimeout(ctx, 3*time.Second)
	defer stop()
	churn, err := c.rig.Churn(changing, 50, rows-10)
	if err != nil {
		return err
	}
	if err := churn.Wait(); err != nil {
		return err
	}
	stopped := time.Now()
	var names []string
	for _, r := range c.shownRows() {
		names = append(names, r.name)
	}
	columns, server, err := c.rig.Cells(ctx, names...)
	if err != nil {
		return err
	}
	wrong := ""
	// The time that the server took to answer is not the program's fault, although the
	// program has had it too.
	_, err = c.shown(
		"the server's cells",
		max(freshLimit-time.Since(stopped), 20*time.Millisecond),
		func(text string) bool {
			wrong = ""
			for _, r := range c.rowsOf(text) {
				if want := serverRow(r.name, columns, server[r.name]); r != want {
					wrong = fmt.Sprintf("%v is shown, the server has %v", r, want)
				}
			}
			return wrong == ""
		},
	)
	c.hold("1 s after churn each cell is the server's", err == nil, wrong)
	return nil
}

// serverRow is a row as the server prints it.
func serverRow(name string, columns, cells []string) row {
	at := func(column string) string {
		if i := slices.Index(columns, column); i >= 0 && i < len(cells) {
			text, _, _ := strings.Cut(cells[i], " ")
			return text
		}
		return ""
	}
	return row{name, at("Ready"), at("Status"), at("Restarts")}
}

// deletedLeaves deletes the first pod, which is on the screen.
func (c *course) deletedLeaves(ctx context.Context) error {
	names, err := c.rig.Delete(ctx, 1, 1)
	if err != nil {
		return err
	}
	c.pods--
	_, err = c.shown("the deleted row to go", freshLimit, func(text string) bool {
		n, ok := number(c.program.Count, text)
		return ok && n == c.pods && !slices.ContainsFunc(c.rowsOf(text), func(r row) bool { return r.name == names[0] })
	})
	c.hold("a deleted row leaves within 1 s", err == nil, names[0]+" is still there")
	return nil
}

// droppedIsShown cuts the link and joins it again.
func (c *course) droppedIsShown(context.Context) error {
	c.link.Cut()
	_, err := c.shown("word of the lost connection", tellLimit, c.program.Stale.in)
	c.hold("a dropped watch is shown", err == nil, fmt.Sprintf("nothing said so within %s", tellLimit))
	if err := c.link.Restore(); err != nil {
		return err
	}
	_, err = c.shown("word of the connection", 4*tellLimit, func(text string) bool {
		return c.program.Loaded.in(text) && !c.program.Stale.in(text)
	})
	c.hold("a watch comes back by itself", err == nil, fmt.Sprintf("nothing said so within %s", 4*tellLimit))
	return nil
}

// deniedIsShown opens the pods as a user without any rights.
func (c *course) deniedIsShown() error {
	file, err := clientcmd.LoadFromFile(c.config)
	if err != nil {
		return err
	}
	for user := range maps.Values(file.AuthInfos) {
		user.Impersonate = "nobody"
	}
	path := filepath.Join(c.home, "kubeconfig-denied")
	if err := clientcmd.WriteToFile(*file, path); err != nil {
		return err
	}
	if err := c.open(c.program.arguments(path)); err != nil {
		return err
	}
	_, err = c.shown("the refusal", tellLimit, c.program.Denied.in)
	c.hold("a denied kind is shown as denied", err == nil, fmt.Sprintf("nothing said so within %s", tellLimit))
	return nil
}
