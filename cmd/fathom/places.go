package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
)

// place is where the user was in one context.
type place struct {
	Namespace string   `json:"namespace"`
	Resource  string   `json:"resource"` // "deployments.apps"
	Recent    []string `json:"recent,omitempty"`
}

// places are kept in one small file for each context, so that two sessions in
// two contexts never write to the same one. Any goroutine may use them.
type places struct {
	dir string

	mu  sync.Mutex
	now map[string]place // what this session has seen
}

func newPlaces(dir string) *places { return &places{dir: dir, now: map[string]place{}} }

// set notes where the user is, to be saved at the end.
func (p *places) set(context string, here place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now[context] = here
}

// file is where a context was left.
func (p *places) file(context string) string { return p.fileIn("contexts", context) }

// fileIn is named by a hash, since a context's name may hold anything.
func (p *places) fileIn(folder, context string) string {
	sum := sha256.Sum256([]byte(context))
	return filepath.Join(p.dir, folder, hex.EncodeToString(sum[:8])+".json")
}

// at returns where a context was left; ok is false for a context that has not
// been visited, or whose file cannot be read.
func (p *places) at(context string) (place, bool) {
	p.mu.Lock()
	known, ok := p.now[context]
	p.mu.Unlock()
	if ok {
		return known, true
	}
	var left place
	if readWhole(p.file(context), &left) != nil {
		return place{}, false
	}
	return left, true
}

// save writes what was seen, each file at once: a reader finds the old place or
// the new one.
func (p *places) save() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for context, left := range p.now {
		if err := p.write(context, left); err != nil {
			return err
		}
	}
	return nil
}

func (p *places) write(context string, left place) error { return writeWhole(p.file(context), left) }

// readWhole reads JSON from a file of the state folder.
func readWhole(file string, value any) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() { // Whoever reads a pipe or a device waits.
		return errors.New(file + " is not a file")
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, value)
}

// writeWhole writes JSON into a file of the state folder: a reader finds the old text or the new.
func writeWhole(file string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(file), "place-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temp.Name(), file)
	}
	if err != nil {
		os.Remove(temp.Name())
	}
	return err
}
