package recorder

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube/tape"
)

func TestASessionIsRecorded(t *testing.T) {
	t.Chdir(t.TempDir())
	server := newServer(t)
	cluster := open(t, server, server.Clock().Now)
	start := NewStart(cluster)
	if err := start.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := cluster.Recording(); r == nil || r.Path != start.Path || !strings.HasPrefix(start.Path, "recorded-") {
		t.Error(r, start.Path)
	}
	if err := NewStart(cluster).Run(t.Context()); err == nil {
		t.Error("two recordings run")
	}
	stop := NewStop(cluster)
	err := stop.Run(t.Context())
	if err != nil || cluster.Recording() != nil || stop.String() != "stop recording into "+start.Path {
		t.Error(err, cluster.Recording(), stop)
	}
	if err := NewStop(cluster).Run(t.Context()); err == nil {
		t.Error("nothing was recorded, and yet it ended")
	}
	second := Start{cluster, "second.tape"}
	if err := second.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	cluster.Close()
	for _, path := range []string{start.Path, second.Path} {
		recorded, err := tape.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		marks := recorded.Marks()
		if recorded.Cut() != "" || len(marks) == 0 || marks[len(marks)-1].Kind != tape.Ended {
			t.Error(path, recorded.Cut(), marks)
		}
		_ = recorded.Close()
	}
}

func TestARecordingThatCannotBeginSaysWhy(t *testing.T) {
	t.Chdir(t.TempDir())
	server := newServer(t)
	cluster := open(t, server, server.Clock().Now)
	if err := os.WriteFile("there.tape", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := Start{cluster, "there.tape"}.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "already exists") || cluster.Recording() != nil {
		t.Errorf("%v, and %+v is recorded", err, cluster.Recording())
	}
	ended, end := context.WithCancel(t.Context())
	end()
	// What is begun and not waited for ends with the cluster.
	_ = Start{cluster, "unwaited.tape"}.Run(ended)
	cluster.Close()
	if cluster.Recording() != nil {
		t.Error("a recording outlives its cluster")
	}
}
