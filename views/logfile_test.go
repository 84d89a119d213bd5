package views

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fathom-k8s/fathom/kube"
	"github.com/fathom-k8s/fathom/ui"
)

// savingTo lets a session save into a folder.
func savingTo(folder string) func(string, io.WriterTo) (string, error) {
	return func(name string, text io.WriterTo) (string, error) {
		path := filepath.Join(folder, name)
		file, err := os.Create(path)
		if err != nil {
			return "", err
		}
		_, err = text.WriteTo(file)
		return path, errors.Join(err, file.Close())
	}
}

// TestLogsAreWrittenAsTheyCome writes a log to a file: what is there, what comes, and nothing
// after the end.
func TestLogsAreWrittenAsTheyCome(t *testing.T) {
	folder := t.TempDir()
	v := startLogs(t)
	v.subject.session.Save = savingTo(folder)
	v.say(0, append(logBatch(0, 3), kube.LogLine{Text: "ERROR no cart"}, kube.LogLine{Text: "\tat Cart.java:7"}), "")
	v.Update(ui.Entered{Prompt: string(actFilterLines), Text: "!2"})
	source := sourcesOf(do(v, actToFile))[0]
	ended := make(chan error, 1)
	go func() { _, err := source.Next(t.Context()); ended <- err }()
	v.say(0, logBatch(3, 10), "") // The first is written, or comes after it.
	if got := drawTab(v, 80, 20); !strings.Contains(got, "writing, F ends it: ") {
		t.Errorf("it does not say so:\n%s", got)
	}
	do(v, actToFile)
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	v.say(0, logBatch(13, 2), "")
	said, _ := v.Update(ui.Ended{Source: source}).(ui.Say)
	file, err := os.ReadFile(filepath.Join(folder, v.file))
	if err != nil {
		t.Fatal(err)
	}
	want := "line 0 of the log\nline 1 of the log\nERROR no cart\n        at Cart.java:7\n"
	for _, n := range []string{"3", "4", "5", "6", "7", "8", "9", "10", "11"} {
		want += "line " + n + " of the log\n"
	}
	if got := strings.ReplaceAll(string(file), "\t", "        "); got != want {
		t.Errorf("the file has\n%s\nwant\n%s", got, want)
	}
	if !strings.HasPrefix(said.Text, "saved 13 lines to "+folder) {
		t.Errorf("it says %q", said.Text)
	}
	if got := drawTab(v, 80, 20); strings.Contains(got, "writing, F ends it") {
		t.Error("it still says that it writes")
	}
}

// TestWritingALogEnds leaves a log that is written, reads it again, and has a disk that is full.
func TestWritingALogEnds(t *testing.T) {
	v := startLogs(t)
	v.subject.session.Save = savingTo(t.TempDir())
	source := sourcesOf(do(v, actToFile))[0]
	left, leave := context.WithCancel(t.Context())
	leave()
	if _, err := source.Next(left); !errors.Is(err, io.EOF) {
		t.Errorf("left: %v", err)
	}
	v.Update(ui.Ended{Source: source})

	source = sourcesOf(do(v, actToFile))[0]
	v.start()
	if _, err := source.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("read again: %v", err)
	}
	v.Update(ui.Ended{Source: source})

	full := errors.New("no space left on device")
	v.subject.session.Save = func(string, io.WriterTo) (string, error) { return "", full }
	source = sourcesOf(do(v, actToFile))[0]
	_, err := source.Next(t.Context())
	if !errors.Is(err, full) {
		t.Errorf("full: %v", err)
	}
	if said := v.Update(ui.Ended{Source: source, Err: err}); said != nil || v.out != nil {
		t.Errorf("the shell says it, and then %v", said)
	}
	v.subject.session.Save = nil
	if _, said := do(v, actToFile).(ui.Say); !said {
		t.Error("where nothing can be saved it says nothing")
	}
}
