package effects

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// Target is the object that an effect is about, as it was looked at.
type Target struct {
	Cluster  *kube.Cluster
	Resource kube.Resource
	Ref      kinds.Ref
	UID      types.UID // "" for any
	Record   *kinds.Record
}

// Effect is one thing to be done to one object. It is a value: making it sends nothing.
type Effect struct {
	Target
	Name    string   // of the kind of effect, for the journal and the rules: "scale"
	Do, How string   // the words before and behind the object: "scale", "to 5 replicas"
	Said    string   // what String says instead, besides where; "" for Do, the object and How
	Command []string // kubectl's, from its verb on; nil where kubectl has none
	// Grave is set where the effect cannot be taken back and takes other things along: a
	// person types the object's name first.
	Grave bool
	// Undoes is set where the state before can be made again by a patch of the same fields.
	Undoes bool
	act    act
}

// act is how an effect becomes a request: a patch, a creation, a deletion.
type act interface {
	// subresource is what has to be read before; "" is the object itself.
	subresource() string
	// change makes the request from the object as it is.
	change(before map[string]any) (kube.Change, error)
	// rights are the verb and the resource that a person needs.
	rights(Target) kube.Asked
}

// String is "scale deployment shop/web to 5 replicas in prod-eu". It is clean.
func (e Effect) String() string {
	if e.Said != "" {
		return kinds.Clean(e.Said)
	}
	words := e.Do + " " + e.Ref.String()
	if e.How != "" {
		words += " " + e.How
	}
	return kinds.Clean(words) + " in " + e.Cluster.Name()
}

// Kubectl is the command line that does the same; "" where there is none. It is clean.
func (e Effect) Kubectl() string {
	if e.Command == nil {
		return ""
	}
	own, inside := e.Command, []string(nil)
	if i := slices.Index(own, "--"); i >= 0 { // What follows is not kubectl's.
		own, inside = own[:i], own[i:]
	}
	words := append([]string{"kubectl"}, own...)
	if e.Ref.Namespace != "" {
		words = append(words, "-n", e.Ref.Namespace)
	}
	words = append(append(words, "--context", e.Cluster.Name()), inside...)
	for i, w := range words {
		words[i] = kinds.Clean(shellWord(w))
	}
	return strings.Join(words, " ")
}

// shellWord quotes a word for a shell where that is needed.
func shellWord(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:=,@%+", r)
	}
	if word != "" && strings.TrimFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Rights is what a person needs to be allowed.
func (e Effect) Rights() kube.Asked { return e.act.rights(e.Target) }

// IsNothing reports whether an error is that an object is like that already.
func IsNothing(err error) bool { return errors.Is(err, errNothing) }

// patch is an act that changes fields of the object, or of a subresource of it.
type patch struct {
	sub    string
	status bool // the fields are those of the status
	// load reads what else mutate needs to know; nil where that is nothing.
	load   func(ctx context.Context, t Target, object map[string]any) error
	mutate func(object map[string]any) error
	// notes says what a person should know of the object before; nil where that is nothing.
	notes func(object map[string]any) []string
}

func (p patch) subresource() string { return p.sub }

func (p patch) rights(t Target) kube.Asked {
	return kube.Asked{
		Verb: kube.VerbPatch, Resource: t.Resource, Subresource: p.sub, Namespace: t.Ref.Namespace, Name: t.Ref.Name,
	}
}

// errNothing is why an effect is not sent: the object is like that already.
var errNothing = errors.New("nothing to do: it is like that already")

func (p patch) change(before map[string]any) (kube.Change, error) {
	after := runtime.DeepCopyJSON(before)
	if err := p.mutate(after); err != nil {
		return kube.Change{}, err
	}
	fields := Compare(before, after, p.status)
	if len(fields) == 0 {
		return kube.Change{}, errNothing
	}
	body, err := patchOf(before, fields)
	return kube.Change{
		Verb: kube.VerbPatch, Type: types.JSONPatchType, Subresource: p.sub, Body: body,
	}, err
}

// creation is an act that makes another object, from the one that is looked at.
type creation struct {
	resource kube.Resource
	build    func(before map[string]any) (map[string]any, error)
}

func (c creation) subresource() string { return "" }

func (c creation) rights(t Target) kube.Asked {
	return kube.Asked{Verb: kube.VerbCreate, Resource: c.resource, Namespace: t.Ref.Namespace}
}

func (c creation) change(before map[string]any) (kube.Change, error) {
	object, err := c.build(before)
	if err != nil {
		return kube.Change{}, err
	}
	body, err := json.Marshal(object)
	return kube.Change{Verb: kube.VerbCreate, Resource: c.resource, Body: body}, err
}

// read returns the object as it is now, or the subresource that the effect is about, and reads what else the request
// is made from.
func (e Effect) read(ctx context.Context) (map[string]any, error) {
	object, err := e.fetch(ctx)
	if err != nil {
		return nil, err
	}
	if p, is := e.act.(patch); is && p.load != nil {
		return object, p.load(ctx, e.Target, object)
	}
	return object, nil
}

// fetch is read without anything else. An object that has another UID than what was looked at is not it.
func (e Effect) fetch(ctx context.Context) (map[string]any, error) {
	sub := e.act.subresource()
	object, err := e.Cluster.Fetch(ctx, e.Resource, e.Ref.Namespace, e.Ref.Name, sub)
	if err != nil {
		return nil, err
	}
	e.spellOut(object)
	if uid := textAt(object, "metadata", "uid"); e.UID != "" && uid != "" && uid != string(e.UID) {
		return nil, fmt.Errorf("%s: %w", e.Ref, errAnother)
	}
	return object, nil
}

// errAnother is about an object that was deleted and made again.
var errAnother = errors.New("this is another object of that name by now; look at it first")

// request makes the request of an effect, whole.
func (e Effect) request(before map[string]any, manager string) (kube.Change, error) {
	ch, err := e.act.change(before)
	if err != nil {
		return ch, err
	}
	if ch.Resource.Resource == "" {
		ch.Resource, ch.Name = e.Resource, e.Ref.Name
	}
	ch.Namespace, ch.Manager = e.Ref.Namespace, manager
	return ch, nil
}

// send sends a change of the object, or tries it.
func (e Effect) send(ctx context.Context, ch kube.Change, dryRun bool) (map[string]any, error) {
	object, err := e.Cluster.Send(ctx, ch, dryRun)
	if err == nil {
		e.spellOut(object)
	}
	return object, err
}

// spellOut writes the replicas of a Scale that has none: the API leaves out 0 (autoscaling/v1 ScaleSpec).
func (e Effect) spellOut(object map[string]any) {
	if spec, has := object["spec"].(map[string]any); has && e.act.subresource() == "scale" && spec["replicas"] == nil {
		spec["replicas"] = int64(0)
	}
}
