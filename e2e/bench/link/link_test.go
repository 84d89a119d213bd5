package link

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// echo answers with what it is sent, until its client has finished.
func echo(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(connection, connection)
				_ = connection.Close()
			}()
		}
	}()
	return listener.Addr().String()
}

func open(t *testing.T, profile Profile) *Link {
	t.Helper()
	l, err := Open(echo(t), profile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	return l
}

// exchange sends bytes through a new connection, reads them back and returns how long that took.
func exchange(t *testing.T, l *Link, size int) time.Duration {
	t.Helper()
	begin := time.Now()
	connection, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	sent := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	go func() {
		_, _ = connection.Write(sent)
		_ = connection.(*net.TCPConn).CloseWrite()
	}()
	received, err := io.ReadAll(connection)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(received, sent) {
		t.Fatalf("sent %d bytes, and other %d came back", len(sent), len(received))
	}
	return time.Since(begin)
}

func TestCountsAreExact(t *testing.T) {
	for _, profile := range []Profile{LAN, {Name: "far", RoundTrip: 2 * time.Millisecond}, {Name: "narrow",
		BitsPerSecond: 80_000_000}} {
		t.Run(profile.Name, func(t *testing.T) {
			l := open(t, profile)
			exchange(t, l, 160_000)
			exchange(t, l, 16)
			want := Counts{Up: 160_016, Down: 160_016, Connections: 2}
			if got := l.Counts(); got != want {
				t.Errorf("counted %+v, want %+v", got, want)
			}
			if got := l.Counts().Sub(want); got != (Counts{}) {
				t.Errorf("counted %+v since the end", got)
			}
		})
	}
}

func TestDelay(t *testing.T) {
	near := exchange(t, open(t, LAN), 16)
	far := exchange(t, open(t, Profile{RoundTrip: 100 * time.Millisecond}), 16)
	// One round trip for the handshake and one for the echo; a busy machine may only make it longer.
	if far-near < 190*time.Millisecond-near {
		t.Errorf("%s with a round trip of 100 ms, %s without", far, near)
	}
}

func TestBandwidth(t *testing.T) {
	const size = 400_000
	wide := exchange(t, open(t, LAN), size)
	narrow := exchange(t, open(t, Profile{BitsPerSecond: 8_000_000}), size)
	narrower := exchange(t, open(t, Profile{BitsPerSecond: 2_000_000}), size)
	if narrow < wide || narrower < 2*narrow {
		t.Errorf("%s unlimited, %s at 8 Mbit/s, %s at 2 Mbit/s", wide, narrow, narrower)
	}
	if least := 380 * time.Millisecond; narrow < least {
		t.Errorf("%d bytes at 8 Mbit/s took %s, less than %s", size, narrow, least)
	}
}

func TestCutAndRestore(t *testing.T) {
	l := open(t, WAN)
	connection, err := net.Dial("tcp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if _, err := connection.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(connection, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	address := l.Address()
	l.Cut()
	if n, err := connection.Read(make([]byte, 1)); err == nil {
		t.Errorf("a connection that was cut gives %d bytes", n)
	}
	if refused, err := net.Dial("tcp", address); err == nil {
		_ = refused.Close()
		t.Error("a cut link takes connections")
	}
	for range 2 {
		if err := l.Restore(); err != nil {
			t.Fatal(err)
		}
	}
	if l.Address() != address {
		t.Errorf("restored at %s, it was at %s", l.Address(), address)
	}
	exchange(t, l, 16)
}

func TestNamed(t *testing.T) {
	for _, want := range []Profile{LAN, WAN, THIN} {
		if got, err := Named(want.Name); err != nil || got != want {
			t.Errorf("%s: %+v, %v", want.Name, got, err)
		}
	}
	if _, err := Named("moon"); err == nil {
		t.Error("there is no link to the moon")
	}
}
