package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/fathom-k8s/fathom/e2e/bench/link"
)

const (
	// freshLimit is how old what is shown may be.
	freshLimit = time.Second
	// tellLimit is how long a program may take to say that something is refused or lost.
	tellLimit = 15 * time.Second
)

// guards checks that what a program shows is so. It deletes a pod: nothing is measured after it.
func (b *bench) guards(ctx context.Context, program *Program) error {
	if len(program.Keys.Down) == 0 {
		return nil
	}
	config, err := clientcmd.BuildConfigFromFlags("", b.rig.Kubeconfig())
	if err != nil {
		return err
	}
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	home, err := newHome()
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	through, path, err := openLink(b.rig.Kubeconfig(), home, link.LAN)
	if err != nil {
		return err
	}
	defer through.Close()
	c := &course{bench: b, program: program, link: through, network: link.LAN.Name, config: path}
	if err := c.deniedIsShown(home); err != nil {
		return err
	}
	if c.session, err = start(program, home, arguments(program.Start, path, "")); err != nil {
		return err
	}
	defer c.close()
	if _, err := c.complete(); err != nil {
		return err
	}
	for _, check := range []func(context.Context, *kubernetes.Clientset) error{
		c.rowsEqualServer, c.cellsEqualServer, c.deletedLeaves, c.droppedIsShown,
	} {
		if err := check(ctx, client); err != nil {
			return err
		}
	}
	return nil
}

// rowsEqualServer pages through the whole table.
func (c *course) rowsEqualServer(ctx context.Context, client *kubernetes.Clientset) error {
	want := map[string]bool{}
	list, err := podTable(ctx, client)
	if err != nil {
		return err
	}
	for name := range list {
		want[name] = true
	}
	got := map[string]bool{}
	for {
		line := c.underCursor()
		for _, row := range c.shownRows() {
			got[row.name] = true
		}
		before := c.written()
		if err := c.keys(c.program.Keys.PageDown); err != nil {
			return err
		}
		// At the end of the table nothing is written any more.
		if _, err := c.frame(before, freshLimit); err != nil || c.underCursor() == line {
			break
		}
	}
	missing, extra := difference(want, got), difference(got, want)
	c.hold("at rest the rows are the server's", len(missing)+len(extra) == 0,
		fmt.Sprintf("%d rows are missing %v, %d are too many %v", len(missing), firstOf(missing), len(extra), firstOf(extra)))
	_, err = c.press(c.program.Keys.Top)
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

// row is what can be compared of a line: age and the time of the last restart go on by themselves.
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
		if len(fields) >= 5 {
			found = append(found, row{fields[0] + "/" + fields[1], fields[2], fields[3], fields[4]})
		}
	}
	return found
}

// podTable asks the server for its own table of pods.
func podTable(ctx context.Context, client *kubernetes.Clientset) (map[string]row, error) {
	text, err := client.CoreV1().RESTClient().Get().Resource("pods").
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(ctx)
	if err != nil {
		return nil, err
	}
	table := metav1.Table{}
	if err := json.Unmarshal(text, &table); err != nil {
		return nil, err
	}
	found := make(map[string]row, len(table.Rows))
	for _, r := range table.Rows {
		object := metav1.PartialObjectMetadata{}
		if err := json.Unmarshal(r.Object.Raw, &object); err != nil {
			return nil, err
		}
		restarts, _, _ := strings.Cut(fmt.Sprint(r.Cells[3]), " ")
		name := object.Namespace + "/" + object.Name
		found[name] = row{name, fmt.Sprint(r.Cells[1]), fmt.Sprint(r.Cells[2]), restarts}
	}
	return found, nil
}

// cellsEqualServer changes what is on the screen, stops, and compares.
func (c *course) cellsEqualServer(ctx context.Context, client *kubernetes.Clientset) error {
	churn, stop := context.WithTimeout(ctx, 3*time.Second)
	defer stop()
	if err := c.rig.Churn(churn, 50, rows-10); err != nil && churn.Err() == nil {
		return err
	}
	stopped := time.Now()
	want, err := podTable(ctx, client)
	if err != nil {
		return err
	}
	wrong := ""
	_, err = c.shown("the server's cells", max(freshLimit-time.Since(stopped), 50*time.Millisecond), func(text string) bool {
		wrong = ""
		for _, r := range c.rowsOf(text) {
			if r != want[r.name] {
				wrong = fmt.Sprintf("%v is shown, the server has %v", r, want[r.name])
			}
		}
		return wrong == ""
	})
	c.hold("1 s after churn each cell is the server's", err == nil, wrong)
	return nil
}

// deletedLeaves deletes the pod under the cursor.
func (c *course) deletedLeaves(ctx context.Context, client *kubernetes.Clientset) error {
	name := nameIn(c.underCursor())
	namespace, pod, _ := strings.Cut(name, "/")
	var now int64
	if err := client.CoreV1().Pods(namespace).Delete(ctx, pod, metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		return err
	}
	_, err := c.shown(name+" to go", freshLimit, func(text string) bool {
		return !slices.ContainsFunc(c.rowsOf(text), func(r row) bool { return r.name == name })
	})
	c.hold("a deleted row leaves within 1 s", err == nil, name+" is still there")
	return nil
}

// droppedIsShown cuts the link and joins it again.
func (c *course) droppedIsShown(context.Context, *kubernetes.Clientset) error {
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

// deniedIsShown opens the pods as somebody who has no rights.
func (c *course) deniedIsShown(home string) error {
	file, err := clientcmd.LoadFromFile(c.config)
	if err != nil {
		return err
	}
	for user := range maps.Values(file.AuthInfos) {
		user.Impersonate = "nobody"
	}
	path := filepath.Join(home, "kubeconfig-denied")
	if err := clientcmd.WriteToFile(*file, path); err != nil {
		return err
	}
	if c.session, err = start(c.program, home, arguments(c.program.Start, path, "")); err != nil {
		return err
	}
	defer c.close()
	_, err = c.shown("the refusal", tellLimit, c.program.Denied.in)
	c.hold("a denied kind is shown as denied", err == nil, fmt.Sprintf("nothing said so within %s", tellLimit))
	return nil
}
