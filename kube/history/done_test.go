package history

import (
	"slices"
	"testing"
	"time"

	"github.com/fathom-k8s/fathom/kube/kinds"
)

// changed is a change of replicas at a second, by a field manager.
func changed(second int, text, who string) Change {
	at := time.Date(2026, 5, 1, 12, 0, second, 0, time.UTC)
	web := kinds.Ref{GroupKind: kinds.Deployment.GroupKind(), Namespace: "shop", Name: "web"}
	c := Change{Object: web, At: at, Text: text, Rank: Replicas, Who: who}
	c.How, c.Hand = Manager{Name: who}.Tool()
	return c
}

func mine(second int, text string) Change {
	c := changed(second, text, "fathom:me")
	c.Yours = true
	return c
}

func asRebuilt(c Change) Change {
	c.Rebuilt = true
	return c
}

func asDeleted(c Change) Change {
	c.Rank = Deleted
	return c
}

func TestWithDone(t *testing.T) {
	by := changed
	elsewhere := by(10, "replicas 3 → 0", "")
	elsewhere.Object.Name = "api"
	tests := []struct {
		name        string
		known, done []Change
		want        []string
	}{
		{
			"what a later write replaced is there again",
			[]Change{asRebuilt(by(30, "scaled, now 2 replicas", "fathom:me"))},
			[]Change{mine(30, "replicas 4 → 2"), mine(20, "replicas 3 → 4")},
			[]string{"replicas 4 → 2  by you with fathom", "replicas 3 → 4  by you with fathom"},
		},
		{
			"what was seen is not said twice, though the clocks differ",
			[]Change{by(40, "replicas 3 → 0", "fathom:me")}, []Change{mine(10, "replicas 3 → 0")},
			[]string{"replicas 3 → 0  by you with fathom"},
		},
		{
			"a webhook changed more",
			[]Change{by(11, "replicas 3 → 0, label a added: b", "fathom:me")}, []Change{mine(10, "replicas 3 → 0")},
			[]string{"replicas 3 → 0, label a added: b  by you with fathom"},
		},
		{
			"a colleague's write of that moment", []Change{by(10, "image a → b", "fathom:bob")},
			[]Change{mine(10, "replicas 3 → 0")},
			[]string{"image a → b  by hand (fathom)", "replicas 3 → 0  by you with fathom"},
		}, {
			"a deletion in other words", []Change{asDeleted(by(11, "deletion began", ""))},
			[]Change{asDeleted(mine(10, "killed"))},
			[]string{"deletion began  by you with fathom"},
		}, {
			"a deletion, of which nothing says who", []Change{by(10, "deleted", "")}, []Change{mine(10, "deleted")},
			[]string{"deleted  by you with fathom"},
		},
		{
			"the same was done twice", []Change{by(40, "replicas 3 → 0", "fathom:me"), by(10, "replicas 3 → 0", "fathom:me")},
			[]Change{mine(40, "replicas 3 → 0"), mine(10, "replicas 3 → 0")},
			[]string{"replicas 3 → 0  by you with fathom", "replicas 3 → 0  by you with fathom"},
		},
		{
			"somebody else did something else then", []Change{by(11, "image a → b", "kubectl-edit")},
			[]Change{mine(10, "replicas 3 → 0")},
			[]string{"image a → b  by hand (kubectl edit)", "replicas 3 → 0  by you with fathom"},
		},
		{"another object", []Change{elsewhere}, []Change{mine(10, "replicas 3 → 0")},
			[]string{"replicas 3 → 0  ", "replicas 3 → 0  by you with fathom"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range WithDone(tt.known, tt.done) {
				got = append(got, c.Text+"  "+c.By())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}
