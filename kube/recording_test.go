package kube

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestCloseWaitsForTheRecording(t *testing.T) {
	c, _ := fromTape(t)
	whole := false
	r, err := c.StartRecording("a.tape", func(ctx context.Context) error {
		<-ctx.Done()
		whole = true
		return nil
	})
	if err != nil || c.Recording() != r || r.Path != "a.tape" {
		t.Fatal(err, c.Recording())
	}
	if _, err := c.StartRecording("b.tape", nil); err == nil || !strings.Contains(err.Error(), "a.tape") {
		t.Errorf("a second recording: %v", err)
	}
	c.Close()
	if !whole || c.Recording() != nil {
		t.Errorf("the file is whole: %v, and %v is still recorded", whole, c.Recording())
	}
}

func TestARecordingEndsWithItsReason(t *testing.T) {
	full := errors.New("the disk is full")
	for name, test := range map[string]struct {
		record func(context.Context) error
		want   string // of the error; "" for none
	}{
		"at its end":   {func(context.Context) error { return nil }, ""},
		"when stopped": {func(ctx context.Context) error { <-ctx.Done(); return nil }, ""},
		"by an error":  {func(context.Context) error { return full }, "the disk is full"},
		"by a panic":   {func(context.Context) error { panic("a frame nobody has seen before") }, "panic: a frame"},
		"stopped with an error": {
			func(ctx context.Context) error { <-ctx.Done(); return full }, "the disk is full",
		},
	} {
		t.Run(name, func(t *testing.T) {
			messages := NewMessages()
			c, _ := fromTape(t, func(o *Options) { o.Messages = messages })
			r, err := c.StartRecording("a.tape", test.record)
			if err != nil {
				t.Fatal(err)
			}
			err = r.Stop(patient(t))
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("stopping says %v", err)
			}
			if c.Recording() != nil {
				t.Errorf("%+v is still recorded", c.Recording())
			}
			said := messageWith(messages, "recording into a.tape ended: ")
			if (said == "") != (test.want == "") || !strings.Contains(said, test.want) {
				t.Errorf("the messages say %q", said)
			}
			if _, err := c.StartRecording("b.tape", test.record); err != nil {
				t.Errorf("the next recording: %v", err)
			}
		})
	}
}

func TestHealthTellsOfARecording(t *testing.T) {
	c, _ := fromTape(t)
	health := c.WatchHealth()
	until(t, health, "discovery", func() bool { return c.Resources().Complete() })
	end := make(chan struct{})
	if _, err := c.StartRecording("a.tape", func(context.Context) error { <-end; return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := health.Next(patient(t)); err != nil || c.Recording() == nil {
		t.Fatal("the beginning is not told", err)
	}
	close(end)
	for told := false; !told; told = c.Recording() == nil {
		if _, err := health.Next(patient(t)); err != nil {
			t.Fatal("the end is not told", err)
		}
	}
}

func TestStopDoesNotWaitLongerThanItsContext(t *testing.T) {
	c, _ := fromTape(t)
	let := make(chan struct{})
	r, err := c.StartRecording("a.tape", func(context.Context) error { <-let; return nil })
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := r.Stop(ended); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(let)
	if err := r.Stop(patient(t)); err != nil {
		t.Error(err)
	}
}
