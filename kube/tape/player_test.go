package tape

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// minute is a tape of 60 s with two pods; pod 0 changes every second, its version says
// when; a warning is at 30 s, and a quiet change, like a lease's, goes with each.
func minute(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	clock := &ticker{now: began}
	w, err := NewWriter(&out, About{Cluster: "prod", Started: began}, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Documents(
		Document{Path: VersionPath, Body: []byte(`{"gitVersion":"v1.36.3"}`)},
		Document{Path: DiscoveryPath, Body: []byte(`[{"groupVersion":"v1","resources":[
			{"name":"pods","namespaced":true,"kind":"Pod","verbs":["get","list","watch"]},
			{"name":"pods/log","namespaced":true,"kind":"Pod","verbs":["get"]}]}]`)},
		Document{Path: OpenAPIPrefix + "api/v1", Body: []byte(`{"openapi":"3.0.0"}`)},
	)
	_ = w.Put(pod(0, 1), Step)
	_ = w.Put(pod(1, 2), Step)
	_ = w.Mark(Complete, "")
	for second := 1; second <= 60; second++ {
		clock.now = began.Add(time.Duration(second) * time.Second)
		weight := Step
		if second == 30 {
			weight = Finding
		}
		_ = w.Put(pod(0, 100+second), weight)
		_ = w.Put(pod(1, 200+second), Quiet)
		line := LogLine{Time: clock.now, Text: fmt.Sprint("line ", second)}
		_ = w.Log(LogOf{"ns-0", pod(0, 1).Name, "c0", false}, second == 26, line)
		if second == 40 {
			_ = w.Mark(Gap, "pods: the connection was lost")
		}
		if second%10 == 0 {
			_ = w.Flush()
			w.mu.Lock()
			w.key()
			w.mu.Unlock()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// pass lets time pass in a synctest bubble, where that takes no real time.
func pass(d time.Duration) { <-time.After(d) }

// player plays the minute.
func player(t *testing.T, o PlayerOptions) (*Player, *kubernetes.Clientset) {
	t.Helper()
	p, err := NewPlayer(open(t, minute(t)), o)
	if err != nil {
		t.Fatal(err)
	}
	config := &rest.Config{Host: "http://tape", Transport: p.API(), QPS: -1}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return p, client
}

// seconds is which change the first pod is at: 0 before the first.
func seconds(t *testing.T, client *kubernetes.Clientset) int32 {
	t.Helper()
	got, err := client.CoreV1().Pods("ns-0").Get(t.Context(), pod(0, 1).Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return max(0, got.Status.ContainerStatuses[0].RestartCount-100)
}

func TestPlayerPlaysToTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, client := player(t, PlayerOptions{})
		defer p.Close()
		check := func(second int32) {
			t.Helper()
			synctest.Wait()
			if got := seconds(t, client); got < second-1 || got > second {
				t.Errorf("at change %d, not %d", got, second)
			}
			now, want := p.Clock().Now().Sub(began), time.Duration(second)*time.Second
			if now < want-tickEvery*SpeedMax || now > want+time.Second {
				t.Errorf("the clock says %v at %d", now, second)
			}
		}
		check(0)
		pass(10*time.Second + 2*tickEvery)
		check(10)
		for range 3 { // 2, 5, 10
			p.Faster()
		}
		synctest.Wait()
		pass(2*time.Second + tickEvery)
		check(31)
		p.Toggle()
		synctest.Wait()
		paused := p.State().Position
		pass(time.Hour)
		if s := p.State(); !s.Position.Equal(paused) || !s.Paused || s.Speed != 10 {
			t.Errorf("%+v", s)
		}
		p.Play()
		pass(time.Minute)
		if s := p.State(); !s.AtEnd || !s.Paused || !s.Position.Equal(s.End) {
			t.Errorf("%+v", s)
		}
		check(60)
		p.Toggle()
		synctest.Wait()
		if s := p.State(); s.AtEnd || s.Paused || !s.Position.Equal(s.Start) {
			t.Errorf("%+v", s)
		}
		check(0)
	})
}

func TestPlayerStepsAndSeeks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, client := player(t, PlayerOptions{Paused: true})
		defer p.Close()
		for name, c := range []struct {
			do   func()
			want int32
			step bool
		}{
			{p.NextChange, 1, true},
			{p.NextChange, 2, true},
			{p.PreviousChange, 1, true},
			{func() { p.Seek(began.Add(20500 * time.Millisecond)) }, 20, false},
			{p.PreviousChange, 20, true},
			{p.PreviousChange, 19, true},
			{p.NextFinding, 30, true},
			{p.NextFinding, 40, false},
			{p.NextFinding, 60, false}, // none: the end
			{p.PreviousFinding, 40, false},
			{p.PreviousFinding, 30, true},
			{p.PreviousFinding, 0, false},
			{func() { p.Seek(began.Add(30 * time.Second)) }, 30, false},
			{func() { p.Seek(began.Add(-time.Hour)) }, 0, false},
			{func() { p.Seek(began.Add(time.Hour)) }, 60, false},
		} {
			c.do()
			synctest.Wait()
			if got := seconds(t, client); got != c.want {
				t.Errorf("%d: at change %d, not %d", name, got, c.want)
			}
			if s := p.State(); !s.Paused || s.Err != nil {
				t.Errorf("%d: %+v", name, s)
			}
			step := ""
			if c.step {
				step = "pod ns-0/" + pod(0, 1).Name + " changed"
			}
			if got := p.State().Step; got != step {
				t.Errorf("%d: it says %q, not %q", name, got, step)
			}
		}
	})
}

func TestPlayerSaysWhatTheServerSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, client := player(t, PlayerOptions{Paused: true})
		defer p.Close()
		if v, err := client.Discovery().ServerVersion(); err != nil || v.GitVersion != "v1.36.3" {
			t.Error(v, err)
		}
		_, lists, err := client.Discovery().ServerGroupsAndResources()
		if err != nil || len(lists) != 1 {
			t.Error(lists, err)
		}
		paths, err := client.Discovery().OpenAPIV3().Paths()
		if err != nil || paths["api/v1"] == nil {
			t.Error(paths, err)
		}
	})
}

func TestLogsReachToNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, client := player(t, PlayerOptions{Paused: true})
		defer p.Close()
		read := func() string {
			t.Helper()
			tail := int64(1)
			options := &corev1.PodLogOptions{Container: "c0", TailLines: &tail}
			body, err := client.CoreV1().Pods("ns-0").GetLogs(pod(0, 1).Name, options).Stream(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			text, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		for _, c := range []struct {
			at   time.Duration
			want string
		}{{0, ""}, {25, "line 25\n"}, {26, "line 26\n"}, {12, "line 12\n"}, {60, "line 60\n"}, {0, ""}} {
			p.Seek(began.Add(c.at*time.Second + time.Millisecond))
			synctest.Wait()
			if got := read(); got != c.want {
				t.Errorf("at %d s: %q", c.at, got)
			}
		}
	})
}

func TestPlayerTellsOnceForManyMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := player(t, PlayerOptions{Loop: true})
		defer p.Close()
		ctx, stop := context.WithCancel(t.Context())
		w := p.Watch()
		var told atomic.Int64
		ended := make(chan error)
		go func() {
			for {
				if _, err := w.Next(ctx); err != nil {
					ended <- err
					return
				}
				told.Add(1)
			}
		}()
		pass(10*time.Second + tickEvery)
		synctest.Wait()
		if n := told.Load(); n < 10 || n > 13 {
			t.Errorf("told %d times in 10 s", n)
		}
		pass(50*time.Second + pauseAtEnd + 3*time.Second)
		if s := p.State(); s.AtEnd || s.Position.After(s.Start.Add(5*time.Second)) {
			t.Errorf("a looping tape did not start again: %+v", s)
		}
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

func TestPlayerBeginsWhereItIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const lost = "pods: the connection was lost"
		for second, want := range map[int]State{
			-5: {}, 0: {}, 12: {}, 41: {Mark: lost}, 90: {AtEnd: true, Paused: true, Mark: lost},
		} {
			p, client := player(t, PlayerOptions{At: began.Add(time.Duration(second)*time.Second + time.Millisecond)})
			if got, change := seconds(t, client), min(max(second, 0), 60); got != int32(change) {
				t.Errorf("at %d s: change %d", second, got)
			}
			if s := p.State(); s.AtEnd != want.AtEnd || s.Paused != want.Paused || s.Mark != want.Mark ||
				!s.Position.Equal(p.Clock().Now()) {
				t.Errorf("at %d s: %+v", second, s)
			}
			p.Close()
		}
	})
}
