package effects

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/kube/kinds"
)

// deletion is an act that deletes the object, or has it evicted.
type deletion struct {
	propagation string // "Background", "Foreground", "Orphan"
	grace       *int64 // seconds; nil leaves it to the object
	evict       bool   // by the eviction API, which asks the disruption budgets
	changed     bool   // what has changed since it was looked at goes too
}

func (d deletion) subresource() string { return "" }

func (d deletion) rights(t Target) kube.Asked {
	if d.evict {
		return kube.Asked{
			Verb: kube.VerbCreate, Resource: t.Resource, Subresource: "eviction", Namespace: t.Ref.Namespace, Name: t.Ref.Name,
		}
	}
	return kube.Asked{Verb: kube.VerbDelete, Resource: t.Resource, Namespace: t.Ref.Namespace, Name: t.Ref.Name}
}

func (d deletion) change(before map[string]any) (kube.Change, error) {
	is := map[string]any{"uid": textAt(before, "metadata", "uid")}
	if version := textAt(before, "metadata", "resourceVersion"); version != "" && !d.changed {
		is["resourceVersion"] = version
	}
	options := map[string]any{"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": is}
	if d.propagation != "" {
		options["propagationPolicy"] = d.propagation
	}
	if d.grace != nil {
		options["gracePeriodSeconds"] = *d.grace
	}
	if !d.evict {
		body, err := json.Marshal(options)
		return kube.Change{Verb: kube.VerbDelete, Body: body}, err
	}
	body, err := json.Marshal(map[string]any{
		"kind": "Eviction", "apiVersion": "policy/v1", "deleteOptions": options,
		"metadata": map[string]any{
			"name": textAt(before, "metadata", "name"), "namespace": textAt(before, "metadata", "namespace"),
		},
	})
	return kube.Change{Verb: kube.VerbCreate, Subresource: "eviction", Body: body}, err
}

// graves are the kinds whose deletion takes much along, or data.
var graves = map[schema.GroupKind]bool{
	{Kind: "Namespace"}: true, {Kind: "Node"}: true,
	{Kind: "PersistentVolumeClaim"}: true, {Kind: "PersistentVolume"}: true,
	{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}: true,
}

// Delete returns the deletion of an object, as kubectl does it.
func Delete(t Target) Effect {
	return Effect{
		Target: t, Name: "delete", Do: "delete", Grave: graves[t.Ref.GroupKind],
		Command: []string{"delete", kubectlName(t)}, act: deletion{propagation: "Background"},
	}
}

// DeleteWith is Delete with what happens to what the object owns: "foreground" waits for
// that, "orphan" leaves it.
func DeleteWith(t Target, propagation string) (Effect, error) {
	words := map[string]string{"background": "Background", "foreground": "Foreground", "orphan": "Orphan"}
	if words[propagation] == "" {
		return Effect{}, fmt.Errorf("%q is neither background, nor foreground, nor orphan", propagation)
	}
	e := Delete(t)
	e.act = deletion{propagation: words[propagation]}
	if propagation != "background" {
		e.How = map[string]string{"foreground": "after what it owns", "orphan": "and leave what it owns"}[propagation]
		e.Command = append(e.Command, "--cascade="+propagation)
	}
	return e, nil
}

// Kill deletes a pod at once: its containers get no time to end, and the API server does not
// wait for the kubelet.
func Kill(t Target) Effect {
	e := Delete(t)
	e.Name, e.How, e.Command = "kill", "at once, without waiting for its containers to end",
		append(e.Command, "--grace-period=0", "--force")
	e.act = deletion{propagation: "Background", grace: new(int64)}
	return e
}

// DeleteGrace is Delete with a grace period in seconds.
func DeleteGrace(t Target, text string) (Effect, error) {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 1 {
		return Effect{}, fmt.Errorf("%q is not a number of seconds of at least 1", text)
	}
	e := Delete(t)
	e.How = "with " + text + " s to end"
	e.Command = append(e.Command, "--grace-period="+text)
	e.act = deletion{propagation: "Background", grace: &seconds}
	return e, nil
}

// Evict deletes a pod if its disruption budgets allow that.
func Evict(t Target) Effect {
	return Effect{Target: t, Name: "evict", Do: "evict", act: deletion{evict: true}}
}

// goes says what goes along with an object, and what a person should know.
func (d deletion) goes(ctx context.Context, p *Plan) (goes, notes []string) {
	if of := controllerOf(p.Before); of != "" && !d.evict {
		notes = append(notes, "owned by "+of+", which will make another one")
	}
	notes = append(notes, ending(p.Before, p.Cluster.Now())...)
	return append(goes, contents(ctx, p.Target, p.Before)...), notes
}

// ending says how far the deletion of an object is, and what it waits for. Its
// deletionTimestamp is when its time to end is over.
func ending(object map[string]any, now time.Time) (notes []string) {
	over, err := time.Parse(time.RFC3339, textAt(object, "metadata", "deletionTimestamp"))
	switch {
	case err != nil:
	case now.Before(over.Add(endingSlack)):
		notes = append(notes, "is being deleted already")
	default:
		since := over.In(now.Location()).Format("15:04:05")
		notes = append(notes, "is being deleted already, and should be gone since "+since)
	}
	list, _ := at(object, "/metadata/finalizers").([]any)
	for _, name := range list {
		if name != "kubernetes" && name != "orphan" && name != "foregroundDeletion" {
			notes = append(notes, "goes only when its finalizer "+kinds.Clean(fmt.Sprint(name))+" is removed")
		}
	}
	return notes
}

// endingSlack is how late a pod may be gone after its time to end.
const endingSlack = 15 * time.Second

var remove = Offer{
	Name: "delete", Help: "it, and what it owns",
	Make: func(t Target, _ string) (Effect, error) { return Delete(t), nil }, fits: deletable,
}

var removeWith = Offer{
	Name: "delete-with", Help: "background, foreground (after what it owns) or orphan (leave that)", Ask: "how",
	Preset: func(map[string]any) string { return "foreground" }, Make: DeleteWith, fits: deletable,
}

var removeGrace = Offer{
	Name: "delete-grace", Help: "with another time to end than its own", Ask: "seconds",
	Preset: func(object map[string]any) string {
		return fmt.Sprint(at(object, "/spec/terminationGracePeriodSeconds"))
	},
	Make: DeleteGrace, fits: of(kinds.Pod),
}

var kill = Offer{
	Name: "kill", Help: "it at once: its containers get no time to end",
	Make: func(t Target, _ string) (Effect, error) { return Kill(t), nil }, fits: of(kinds.Pod),
}

var evict = Offer{
	Name: "evict", Help: "it, if its disruption budgets allow that",
	Make: func(t Target, _ string) (Effect, error) { return Evict(t), nil }, fits: of(kinds.Pod),
}

func deletable(r kube.Resource, _ map[string]any) bool { return r.Can(kube.VerbDelete) }
