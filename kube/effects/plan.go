package effects

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Plan is what will happen: what the API server answers to an effect in a dry run, which
// goes through its defaults, webhooks, policies and quotas.
type Plan struct {
	Effect
	User          string         // who we are to the API server; "" where it does not say
	Before, After map[string]any // nil before a creation, and after a deletion; not cleaned
	Fields        []Field        // what differs
	Notes         []string       // what a person should know before; clean
	Goes          []string       // what goes along with the object; clean
	Err           error          // why it cannot be done
	manager       string
	source        map[string]any // what the request is made from: the object as it was read
}

// Plan asks the API server what an effect would do, and changes nothing. manager is who is
// to be the manager of the fields. Any goroutine may call it.
func (e Effect) Plan(ctx context.Context, manager string) Plan {
	p := Plan{Effect: e, User: e.Cluster.User(ctx), manager: manager}
	for range conflictTries { // A controller may write in between.
		p.ask(ctx)
		if !apierrors.IsConflict(p.Err) {
			break
		}
	}
	if p.Err != nil {
		return p
	}
	p.Before = p.source
	switch act := e.act.(type) {
	case patch:
		p.Fields = Compare(p.Before, p.After, act.status)
		if act.notes != nil {
			p.Notes = act.notes(p.Before)
		}
	case deletion:
		p.After = nil
		p.Goes, p.Notes = act.goes(ctx, &p)
		for _, by := range deployedBy(p.source) {
			p.Notes = append(p.Notes, "deployed by "+by+", which may make it again")
		}
	case creation:
		p.Before = nil
	}
	p.Notes = append(p.Notes, owners(p.Fields, e.whole(ctx, p.source))...)
	p.Notes = append(p.Notes, e.scalers(ctx, p.Fields)...)
	return p
}

// ask reads the object and sends the effect as a dry run.
func (p *Plan) ask(ctx context.Context) {
	if p.source, p.Err = p.read(ctx); p.Err != nil {
		return
	}
	ch, err := p.request(p.source, p.manager)
	if err == nil {
		p.After, err = p.send(ctx, ch, true)
	}
	p.Err = err
}

// whole is the object where only a subresource of it was read, which does not say who owns what.
func (e Effect) whole(ctx context.Context, source map[string]any) map[string]any {
	if e.act.subresource() == "" {
		return source
	}
	if object, err := e.Cluster.Fetch(ctx, e.Resource, e.Ref.Namespace, e.Ref.Name, ""); err == nil {
		return object
	}
	return source
}

// owners says who has set the fields that change, and will perhaps set them again.
func owners(fields []Field, before map[string]any) []string {
	if len(fields) == 0 {
		return nil
	}
	var notes []string
	if of := controllerOf(before); of != "" {
		notes = append(notes, "owned by "+of+", which may change it back")
	}
	owned, err := history.Blame(before)
	if err != nil {
		return notes
	}
	for _, f := range fields {
		for _, o := range owned {
			if len(o.By) == 0 || !covers(o.Path, f.Path) {
				continue
			}
			tool, hand := o.By[0].Tool()
			if tool == "" || hand {
				continue
			}
			note := fieldName(f.Path) + " is managed by " + tool + ", which may change it back"
			if !slices.Contains(notes, note) {
				notes = append(notes, note)
			}
		}
	}
	for _, by := range deployedBy(before) {
		note := "deployed by " + by + ", which may change it back"
		if !slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "by "+by) }) {
			notes = append(notes, note)
		}
	}
	return notes
}

// controllerOf names the controller among an object's owners.
func controllerOf(object map[string]any) string {
	metadata, _ := object["metadata"].(map[string]any)
	refs, _ := metadata["ownerReferences"].([]any)
	for _, r := range refs {
		ref, _ := r.(map[string]any)
		if ref["controller"] == true {
			return kinds.Clean(strings.ToLower(textAt(ref, "kind")) + " " + textAt(ref, "name"))
		}
	}
	return ""
}

// deployedBy are the tools whose marks an object carries.
func deployedBy(object map[string]any) (by []string) {
	labels := func(name string) string { return textAt(object, "metadata", "labels", name) }
	annotations := func(name string) string { return textAt(object, "metadata", "annotations", name) }
	if annotations("argocd.argoproj.io/tracking-id") != "" || labels("argocd.argoproj.io/instance") != "" {
		by = append(by, "Argo CD")
	}
	if labels("kustomize.toolkit.fluxcd.io/name") != "" || labels("helm.toolkit.fluxcd.io/name") != "" {
		by = append(by, "Flux")
	}
	if release := annotations("meta.helm.sh/release-name"); release != "" {
		by = append(by, "Helm (release "+kinds.Clean(release)+")")
	}
	return by
}

// covers reports whether a value is what a JSON pointer leads to, or a part of it.
func covers(path []string, pointer string) bool {
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if len(path) < len(parts) {
		return false
	}
	for i, part := range parts {
		if path[i] != unescape(part) {
			return false
		}
	}
	return true
}

// fieldName is a JSON pointer as a person writes it.
func fieldName(pointer string) string {
	return unescape(strings.ReplaceAll(strings.TrimPrefix(pointer, "/"), "/", "."))
}

// Outcome is how an effect ended.
type Outcome struct {
	Fields []Field // what it has changed
	Err    error
	// Unknown is set where the answer was lost, and it cannot be found out.
	Unknown bool
}

// conflictTries is how often an effect is sent again because something else has written the
// object meanwhile, but nothing that was looked at.
const conflictTries = 5

// Run does what was planned. An object that has changed meanwhile in what was looked at is
// left alone: the error says what has changed. After an answer that was lost, it looks
// whether it happened. Any goroutine may call it.
func (p Plan) Run(ctx context.Context) Outcome {
	before := p.source
	if _, makes := p.act.(creation); makes { // Nothing in the request holds on to what it is made from.
		now, err := p.read(ctx)
		if err != nil {
			return Outcome{Err: err}
		}
		if changed := Compare(lookedAt(before), lookedAt(now), false); len(changed) > 0 {
			return Outcome{Err: changedMeanwhile(p.Ref.Kind, changed)}
		}
	}
	for try := 1; ; try++ {
		ch, err := p.request(before, p.manager)
		if err != nil {
			return Outcome{Err: err}
		}
		after, err := p.send(ctx, ch, false)
		switch {
		case err == nil:
			return p.done(before, after)
		case kube.Lost(err):
			return p.lookAfter(ctx, err)
		case !apierrors.IsConflict(err) || try == conflictTries:
			return Outcome{Err: err}
		}
		now, readErr := p.read(ctx)
		if readErr != nil {
			return Outcome{Err: readErr}
		}
		if changed := Compare(lookedAt(before), lookedAt(now), p.ofStatus()); len(changed) > 0 {
			return Outcome{Err: changedMeanwhile(p.Ref.Kind, changed)}
		}
		before = now
	}
}

// lookedAt is an object without what changes and means nothing, and without what its controllers write outside of
// its status, of which a person has seen what it comes from, if anything.
func lookedAt(object map[string]any) map[string]any {
	object = history.Meaningful(object)
	if textAt(object, "kind") == kinds.Node.Kind {
		return withoutTaints(object)
	}
	return object
}

// withoutTaints is a node without the taints for its conditions, which come while somebody cordons it
// (k8s.io/kubernetes/pkg/controller/nodelifecycle/node_lifecycle_controller.go).
func withoutTaints(node map[string]any) map[string]any {
	taints, ok := at(node, "/spec/taints").([]any)
	if !ok {
		return node
	}
	out, spec := maps.Clone(node), maps.Clone(inner(node, "spec"))
	taints = slices.DeleteFunc(slices.Clone(taints), func(taint any) bool {
		t, _ := taint.(map[string]any)
		return strings.HasPrefix(textAt(t, "key"), "node.kubernetes.io/")
	})
	if spec["taints"] = taints; len(taints) == 0 {
		delete(spec, "taints")
	}
	out["spec"] = spec
	return out
}

func (p Plan) ofStatus() bool {
	change, is := p.act.(patch)
	return is && change.status
}

func (p Plan) done(before, after map[string]any) Outcome {
	if _, is := p.act.(patch); is {
		return Outcome{Fields: Compare(before, after, p.ofStatus())}
	}
	return Outcome{}
}

// changedMeanwhile says what has changed since an object was looked at.
func changedMeanwhile(kind string, fields []Field) error {
	const most = 3
	words := make([]string, 0, most)
	for _, f := range fields[:min(len(fields), most)] {
		words = append(words, f.WordsIn(kind))
	}
	more := ""
	if len(fields) > most {
		more = " and " + strconv.Itoa(len(fields)-most) + " more"
	}
	return fmt.Errorf("not done: it has changed since you looked: %s%s", strings.Join(words, ", "), more)
}

// lookWithin limits how long Run tries to find out what happened, and lookPause is between two tries: a connection
// that was lost takes a moment to come back.
const (
	lookWithin = 10 * time.Second
	lookPause  = 500 * time.Millisecond
)

// lookAfter finds out whether an effect happened whose answer was lost.
func (p Plan) lookAfter(ctx context.Context, lost error) Outcome {
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	now, err := p.readAfter(ctx)
	for kube.Lost(err) && !errors.Is(err, errAnother) && ctx.Err() == nil {
		timer := time.NewTimer(lookPause)
		select {
		case <-timer.C:
			now, err = p.readAfter(ctx)
		case <-ctx.Done():
		}
		timer.Stop()
	}
	notDone := func(what string) Outcome {
		return Outcome{Err: fmt.Errorf("not done: no answer came (%w), and %s", lost, what)}
	}
	switch p.act.(type) {
	case patch:
		if err != nil {
			break
		}
		if p.stands(now, func(f Field) any { return f.After }) {
			return Outcome{Fields: p.Fields}
		}
		if p.stands(now, func(f Field) any { return f.Before }) {
			return notDone("the object is as before")
		}
	case creation:
		if err == nil {
			return Outcome{}
		}
		if apierrors.IsNotFound(err) {
			name := strings.ToLower(textAt(p.After, "kind")) + " " + textAt(p.After, "metadata", "name")
			return notDone("there is no " + kinds.Clean(name))
		}
	case deletion:
		if apierrors.IsNotFound(err) || errors.Is(err, errAnother) {
			return Outcome{}
		}
		if err == nil && textAt(now, "metadata", "deletionTimestamp") != "" {
			return Outcome{}
		}
		if err == nil {
			return notDone("the object is still there")
		}
	}
	return Outcome{Unknown: true, Err: fmt.Errorf("no answer came (%w); look whether it happened", lost)}
}

// stands reports whether an object has one side of all that was to change. Its controllers may have gone on from
// there.
func (p Plan) stands(object map[string]any, side func(Field) any) bool {
	return !slices.ContainsFunc(p.Fields, func(f Field) bool { return !equal(at(object, f.Path), side(f)) })
}

// readAfter reads what an effect was to change, or to make.
func (p Plan) readAfter(ctx context.Context) (map[string]any, error) {
	if made, is := p.act.(creation); is {
		return p.Cluster.Fetch(ctx, made.resource, p.Ref.Namespace, textAt(p.After, "metadata", "name"), "")
	}
	return p.fetch(ctx)
}
