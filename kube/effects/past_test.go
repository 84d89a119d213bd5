package effects

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/fathom-k8s/fathom/kube/history"
	"github.com/fathom-k8s/fathom/kube/journal"
)

func TestChangeOf(t *testing.T) {
	const template = "/spec/template/spec/containers/0/"
	tests := []struct {
		name    string
		effect  string
		kind    string
		changes []journal.Change
		want    string // "" for no change
		rank    history.Rank
	}{
		{"scale", "scale", "Deployment", []journal.Change{{Path: "/spec/replicas", Before: 3.0, After: 0.0}},
			"replicas 3 → 0", history.Replicas},
		{"image", "image", "Deployment", []journal.Change{
			{Path: template + "image", Before: "r/web:v1", After: "r/web:v2"}},
			"image web:v1 → :v2", history.Image},
		{"a variable has no name", "edit", "Deployment", []journal.Change{
			{Path: template + "env/2/value", Before: "a", After: "b"}},
			"spec.template.spec.containers.0.env.2.value a → b", history.Env},
		{"the first label", "label", "Deployment", []journal.Change{
			{Path: "/metadata/labels", After: map[string]any{"a/b": "c"}}},
			"label a/b added: c", history.Labels},
		{"restart without annotations before", "restart", "Deployment", []journal.Change{{
			Path:  "/spec/template/metadata/annotations",
			After: map[string]any{"kubectl.kubernetes.io/restartedAt": "2026-05-01T12:00:00Z"}}}, "restarted", history.Spec},
		{"the value of a Secret", "edit", "Secret", []journal.Change{{Path: "/data/key", Hidden: true}},
			"data key changed", history.Data},
		{"what matters most comes first", "edit", "Deployment", []journal.Change{
			{Path: "/metadata/labels/a", Before: "b", After: "c"}, {Path: "/spec/replicas", Before: 1.0, After: 2.0}},
			"replicas 1 → 2, label a b → c", history.Replicas},
		{"delete", "delete", "Deployment", nil, "deletion began", history.Deleted},
		{"kill", "kill", "Pod", nil, "killed", history.Deleted},
		{"a shell", "shell", "Pod", nil, "", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			object := journal.Object{Kind: tt.kind, Namespace: "shop", Name: "web"}
			c, changed := changeOf(&journal.Entry{Effect: tt.effect, Object: object, Changes: tt.changes}, "fathom:me")
			if changed != (tt.want != "") || changed && (c.Text != tt.want || c.Rank != tt.rank) {
				t.Errorf("got %v %q %s, want %q %s", changed, c.Text, c.Rank, tt.want, tt.rank)
			}
		})
	}
}

func TestPast(t *testing.T) {
	c := open(t)
	now := c.Now()
	j := journal.Open(t.TempDir(), c.Now)
	write := func(context, name string, outcome journal.Outcome) {
		e, err := j.Begin(journal.Entry{
			Context: context, Server: c.Server(), Effect: "scale", Object: journal.Object{Kind: "Deployment", Name: name},
			Changes: []journal.Change{{Path: "/spec/replicas", Before: 1, After: 2}},
		})
		if err != nil {
			t.Fatal(err)
		}
		var failure error
		if outcome == journal.Failed {
			failure = errors.New("refused")
		}
		if outcome == "" {
			return
		}
		if err := j.End(e, failure, false); !errors.Is(err, failure) {
			t.Fatal(err)
		}
	}
	write(c.Name(), "done", journal.Done)
	write(c.Name(), "failed", journal.Failed)
	write(c.Name(), "unfinished", "")
	write("elsewhere", "done", journal.Done)
	write(c.Name(), "another", journal.Done)
	hands := &Hands{Journal: j}
	past := hands.Past(c, now.Add(-1), func(o journal.Object) bool { return o.Name != "another" })
	msg, err := past.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range msg.(Done).Changes {
		got = append(got, c.Object.Name+" "+c.Text)
	}
	if want := []string{"done replicas 1 → 2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := past.Next(t.Context()); err == nil {
		t.Error("the journal is read again")
	}
	later, end := context.WithCancel(t.Context())
	defer end()
	if _, err := past.Next(later); err != nil {
		t.Errorf("whoever comes back gets nothing: %v", err)
	}
	if _, err := (*Hands)(nil).Past(c, now, nil).Next(t.Context()); err == nil {
		t.Error("what was saved has a journal")
	}
}
