package dump

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/fathom-k8s/fathom/kube/memapi"
)

// parsedObject is an object of a dump, and what else is read from it.
type parsedObject struct {
	object     memapi.Object
	from, to   int // of its data in the batch
	origin     origin
	event      string // of the watch that it comes from
	latest     time.Time
	containers []string // of a pod
	server     string   // the version of the API server that a pod runs
	upgraded   string   // the version that it was written in, when that is no longer served
}

// origin is where an object stands.
type origin struct {
	file     string
	line     int
	modified time.Time
	order    int  // of all pieces
	item     bool // in a list, as a server writes it
}

// collector puts the objects into the API, each once. Only one goroutine may use
// it.
type collector struct {
	api      *memapi.API
	problems *problems
	before   time.Time // later times are not believed

	held     map[memapi.Ref]heldObject
	gone     map[memapi.Ref]heldObject // what a watch saw deleted
	pods     map[podName][]string
	kinds    map[schema.GroupKind]int
	latest   time.Time
	server   *version.Version
	twice    int // objects that are there more than once in the same version
	upgraded map[string]int
	logged   map[container]bool
}

type heldObject struct {
	version uint64
	origin  origin
}

func newCollector(api *memapi.API, problems *problems, before time.Time) *collector {
	return &collector{
		api:      api,
		problems: problems,
		before:   before,
		held:     map[memapi.Ref]heldObject{},
		gone:     map[memapi.Ref]heldObject{},
		pods:     map[podName][]string{},
		kinds:    map[schema.GroupKind]int{},
		upgraded: map[string]int{},
		logged:   map[container]bool{},
	}
}

// addObject puts one object into the API, unless a newer one is there.
func (c *collector) addObject(f parsedObject) {
	ref := f.object.Ref()
	if gone, ok := c.gone[ref]; ok && !f.newer(gone) {
		return
	}
	before, twice := c.held[ref]
	if f.event == deleted {
		c.removeObject(f, before, twice)
		return
	}
	if twice {
		if f.event == "" {
			c.reportDuplicate(f, before)
		}
		if !f.newer(before) {
			return
		}
	}
	if err := c.putOrMend(&f); err != nil {
		c.problems.reportLost(f.origin.file, f.origin.line, "%s", err)
		return
	}
	ref = f.object.Ref()
	if !twice {
		c.kinds[ref.GroupKind]++
	}
	c.held[ref] = heldObject{f.object.Version, f.origin}
	c.latest = later(c.latest, f.latest, c.before)
	if f.upgraded != "" {
		c.upgraded[f.upgraded]++
	}
	if f.containers != nil {
		c.pods[podName{f.object.Namespace, f.object.Name}] = f.containers
	}
	if v, err := version.ParseSemantic(f.server); err == nil && (c.server == nil || c.server.LessThan(v)) {
		c.server = v
	}
}

// removeObject takes an object that a watch saw deleted out of the API, unless it has
// come back since.
func (c *collector) removeObject(f parsedObject, before heldObject, held bool) {
	ref := f.object.Ref()
	if held && !f.newer(before) {
		return
	}
	c.gone[ref] = heldObject{f.object.Version, f.origin}
	c.latest = later(c.latest, f.latest, c.before)
	if !held {
		return
	}
	delete(c.held, ref)
	if c.kinds[ref.GroupKind]--; c.kinds[ref.GroupKind] == 0 {
		delete(c.kinds, ref.GroupKind)
	}
	if err := c.api.Update(nil, []memapi.Ref{ref}); err != nil {
		c.problems.reportLost(f.origin.file, f.origin.line, "%v", err)
	}
}

// newer reports whether f is shown rather than an earlier copy of the same object.
func (f parsedObject) newer(than heldObject) bool {
	switch {
	case f.object.Version != 0 && than.version != 0 && f.object.Version != than.version:
		return f.object.Version > than.version
	case !f.origin.modified.Equal(than.origin.modified):
		return f.origin.modified.After(than.origin.modified)
	}
	return f.origin.order > than.origin.order
}

func (c *collector) reportDuplicate(f parsedObject, before heldObject) {
	if f.object.Version == before.version && before.version != 0 {
		c.twice++
		return
	}
	shown, other := f.origin, before.origin
	if !f.newer(before) {
		shown, other = other, shown
	}
	c.problems.reportAltered(
		other.file,
		other.line,
		"%s is shown as %s:%d has it, which is newer",
		nameOf(f.object),
		shown.file,
		shown.line,
	)
}

func nameOf(o memapi.Object) string {
	return strings.ToLower(o.GVK.Kind) + " " + strings.TrimPrefix(o.Namespace+"/"+o.Name, "/")
}

// putOrMend puts an object into the API. In a manifest, a missing namespace is
// "default", as kubectl apply would have it, and a superfluous one is dropped.
func (c *collector) putOrMend(f *parsedObject) error {
	err := c.api.Put(f.object)
	if err == nil {
		return nil
	}
	if f.origin.item && f.object.Namespace == "" {
		return fmt.Errorf("%s: %w", nameOf(f.object), err)
	}
	mended, wrong := renamed(f.object)
	if wrong != nil || c.api.Put(mended) != nil {
		return err
	}
	f.object = mended
	return nil
}

// renamed returns an object in the namespace "default" if it has none, and without a
// namespace if it has one.
func renamed(o memapi.Object) (memapi.Object, error) {
	text, err := o.Data.Bytes()
	if err != nil {
		return o, err
	}
	u := &unstructured.Unstructured{}
	if err := u.UnmarshalJSON(text); err != nil {
		return o, err
	}
	if o.Namespace == "" {
		u.SetNamespace("default")
	} else {
		u.SetNamespace("")
	}
	return memapi.ObjectOf(u)
}

// reportSummary reports what was done to many objects, in one line each.
func (c *collector) reportSummary() {
	if c.twice > 0 {
		c.problems.reportAltered("", 0, "%d objects are in the dump more than once, in the same version", c.twice)
	}
	for _, what := range slices.Sorted(maps.Keys(c.upgraded)) {
		c.problems.reportAltered("", 0, "%d × %s", c.upgraded[what], what)
	}
}

// namespaces are those that any object is in, sorted.
func (c *collector) namespaces() []string {
	all := map[string]bool{}
	for ref := range c.held {
		switch {
		case ref.GroupKind == schema.GroupKind{Kind: "Namespace"}:
			all[ref.Name] = true
		case ref.Namespace != "":
			all[ref.Namespace] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

func (c *collector) gitVersion() string {
	if c.server == nil {
		return "unknown"
	}
	return fmt.Sprint("v", c.server)
}
