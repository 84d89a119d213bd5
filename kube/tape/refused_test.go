package tape

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// definitionWith is the CustomResourceDefinition of a kind, with fields of its spec as
// given.
func definitionWith(t *testing.T, kind, fields string, version int) Object {
	t.Helper()
	definitions := Resource{schema.GroupVersionResource{
		Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions",
	}, "CustomResourceDefinition", false}
	name := strings.ToLower(kind) + "s"
	body := fmt.Appendf(nil, `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":`+
		`{"name":"%s.example.com","uid":"u-%s","resourceVersion":"%d"},"spec":{"group":"example.com","scope":"Namespaced",`+
		`"names":{"plural":"%s","kind":"%s"},%s}}`, name, name, version, name, kind, fields)
	o, err := parseJSON(&definitions, body)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const readable = `"versions":[{"name":"v1","served":true,"storage":true}]`

// namesAt returns the names of the objects at a path of a tape's API.
func namesAt(t *testing.T, p *Player, path string) (names []string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://tape"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := p.API().RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, _ := io.ReadAll(answer.Body)
	var list struct {
		Items []struct{ Metadata struct{ Name string } }
	}
	if err := json.Unmarshal(text, &list); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatal(path, answer.Status, string(text), err)
	}
	for _, item := range list.Items {
		names = append(names, item.Metadata.Name)
	}
	return names
}

func TestATapeLosesADefinitionThatCannotBeRead(t *testing.T) {
	for name, field := range map[string]string{
		"a text for a list":      `"versions":"v1"`,
		"a number for a name":    `"versions":[{"name":1,"served":true}]`,
		"a text for a bool":      `"versions":[{"name":"v1","served":"yes"}]`,
		"a column that is a map": `"versions":[{"name":"v1","served":true,"additionalPrinterColumns":{}}]`,
		"an old one whose columns are a text": `"version":"v1","versions":[{"name":"v1","served":true}],` +
			`"additionalPrinterColumns":"none"`,
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			w := newWriter(t, &out, time.Millisecond)
			_ = w.Put(definitionWith(t, "Nut", readable, 1), Step)
			_ = w.Put(definitionWith(t, "Widget", field, 2), Step)
			_ = w.Put(widget(1, 3), Step)
			_ = w.Mark(Complete, "")
			_ = w.Put(definitionWith(t, "Nut", field, 4), Step)
			damaged := fromMicros(w.last)
			_ = w.Put(definitionWith(t, "Nut", readable, 5), Step)
			_ = w.Put(definitionWith(t, "Widget", readable, 6), Step)
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			var refused []string
			p, err := NewPlayer(open(t, out.Bytes()), PlayerOptions{
				Paused: true, Refused: func(err error) { refused = append(refused, err.Error()) },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			look := func(at time.Time, want ...string) {
				t.Helper()
				p.Seek(at)
				for watch := p.Watch(); !p.State().Position.Equal(at); {
					if _, err := watch.Next(t.Context()); err != nil || p.State().Err != nil {
						t.Fatal(err, p.State())
					}
				}
				got := namesAt(t, p, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")
				if !slices.Equal(got, want) {
					t.Errorf("at %v there are %q, not %q", at.Sub(began), got, want)
				}
			}
			complete := p.Tape().Marks()[0].Time
			for range 2 { // there and back
				look(complete, "nuts.example.com")
				if got := namesAt(t, p, "/apis/example.com/v1/widgets"); !slices.Equal(got, []string{"w1"}) {
					t.Errorf("the objects of a definition that is lost: %q", got)
				}
				look(damaged)
				look(p.Tape().End(), "nuts.example.com", "widgets.example.com")
			}
			slices.Sort(refused)
			if len(refused) != 2 || !strings.Contains(refused[0], "nuts.example.com cannot be read: ") ||
				!strings.Contains(refused[1], "widgets.example.com cannot be read: ") {
				t.Errorf("refused: %q", refused)
			}
		})
	}
}
