// Package helm reads what Helm keeps of a release: the value "release" of a Secret, which
// is base64 of gzip of JSON.
//
//	ReadHead   what a table shows, from the first kilobytes
//	Read       with the values that the user gave, and the manifest
//	Compare    what one revision changed
//
// All functions are pure. Their texts are as Helm wrote them, not cleaned. The values and
// the manifest may hold what is as secret as the Secret itself.
package helm

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"
)

// Prefix is what the names of all Secrets of Helm begin with; NAME.vREVISION follows.
const Prefix = "sh.helm.release.v1."

const (
	headMax = 1 << 20  // unpacked bytes that a table reads at most
	readMax = 32 << 20 // unpacked bytes of a whole release; a Secret holds 1 MiB of them packed
)

// ErrHidden says that a Secret holds something else in place of its release.
var ErrHidden = errors.New("the release is hidden: dumps and recordings keep no values of Secrets")

// errTooLarge is about a release that is small only while it is packed.
var errTooLarge = errors.New("the release is larger than 32 MiB when it is unpacked")

// Head is what a release says of itself, values apart. A chart without metadata leaves
// Chart empty.
type Head struct {
	Name, Namespace     string
	Status, Description string
	Chart, AppVersion   string // "web-1.2.0", "2.4.1"
	First, Last         time.Time
}

// Release is one revision.
type Release struct {
	Head
	Revision int64
	Values   map[string]any // what the user gave beside the chart's own; numbers are json.Number
	Manifest string
}

// info and chart are as Helm writes them.
type info struct {
	First       string `json:"first_deployed"`
	Last        string `json:"last_deployed"`
	Status      string `json:"status"`
	Description string `json:"description"`
}

type metadata struct {
	Name       string `json:"name"`
	Version    string `json:"version"`
	AppVersion string `json:"appVersion"`
}

func (h *Head) setInfo(i info) {
	h.Status, h.Description = i.Status, i.Description
	h.First, h.Last = timeOf(i.First), timeOf(i.Last)
}

func (h *Head) setChart(m metadata) {
	if h.Chart = m.Name; m.Version != "" {
		h.Chart += "-" + m.Version
	}
	h.AppVersion = m.AppVersion
}

// timeOf reads a time; Helm writes a zero one as "".
func timeOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// ReadHead reads the beginning of a release. Helm writes the templates of the chart, which
// are most of it, behind what is read here.
func ReadHead(packed []byte) (h Head, err error) {
	err = unpack(packed, headMax, func(r io.Reader) error {
		d := json.NewDecoder(r)
		informed, charted := false, false
		return eachField(d, func(key string) (done bool, err error) {
			switch key {
			case "name":
				return false, d.Decode(&h.Name)
			case "info":
				var i info
				err, informed = d.Decode(&i), true
				h.setInfo(i)
				return charted, err
			case "chart":
				charted = true
				return informed, h.readChart(d, informed)
			}
			return false, skip(d)
		})
	})
	return h, err
}

// readChart reads the metadata of a chart, and if it is not the last that is read, skips
// the rest.
func (h *Head) readChart(d *json.Decoder, last bool) error {
	return eachField(d, func(key string) (done bool, err error) {
		if key != "metadata" {
			return false, skip(d)
		}
		var m metadata
		err = d.Decode(&m)
		h.setChart(m)
		return last, err
	})
}

// eachField calls do before the value of each field of an object, until it is done.
func eachField(d *json.Decoder, do func(key string) (done bool, err error)) error {
	switch start, err := d.Token(); {
	case err != nil:
		return err
	case start == nil:
		return nil
	case start != json.Delim('{'):
		return errors.New("it is not an object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if done, err := do(name); done || err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

func skip(d *json.Decoder) error {
	var value json.RawMessage
	return d.Decode(&value)
}

// Read reads a whole release.
func Read(packed []byte) (*Release, error) {
	var in struct {
		Name  string `json:"name"`
		Info  info   `json:"info"`
		Chart struct {
			Metadata metadata `json:"metadata"`
		} `json:"chart"`
		Config    map[string]any `json:"config"`
		Manifest  string         `json:"manifest"`
		Version   int64          `json:"version"`
		Namespace string         `json:"namespace"`
	}
	err := unpack(packed, readMax, func(r io.Reader) error {
		d := json.NewDecoder(r)
		d.UseNumber()
		return d.Decode(&in)
	})
	if err != nil {
		return nil, err
	}
	release := &Release{
		Head:     Head{Name: in.Name, Namespace: in.Namespace},
		Revision: in.Version, Values: in.Config, Manifest: in.Manifest,
	}
	release.setInfo(in.Info)
	release.setChart(in.Chart.Metadata)
	return release, nil
}

// unpackers are readers of gzip that are used again: each has 40 KB of tables.
var unpackers sync.Pool

// unpack gives do the JSON of a release. Very old ones are not compressed.
func unpack(packed []byte, most int64, do func(io.Reader) error) error {
	var magic [4]byte
	if n, _ := base64.StdEncoding.Decode(magic[:3], packed[:min(4, len(packed))]); n == 0 {
		return ErrHidden
	}
	text := io.Reader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(packed)))
	switch {
	case magic[0] == 0x1f && magic[1] == 0x8b && magic[2] == 8:
		unzip, _ := unpackers.Get().(*gzip.Reader)
		if unzip == nil {
			unzip = new(gzip.Reader)
		}
		defer unpackers.Put(unzip)
		if err := unzip.Reset(text); err != nil {
			return ErrHidden
		}
		text = unzip
	case magic[0] != '{':
		return ErrHidden
	}
	limited := &io.LimitedReader{R: text, N: most}
	if err := do(limited); err != nil && limited.N == 0 {
		return errTooLarge
	} else if err != nil {
		return errors.New("the release cannot be read: " + err.Error())
	}
	return nil
}
