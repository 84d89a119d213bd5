package main

import (
	"errors"
	"io/fs"
	"slices"
	"unicode/utf8"

	"github.com/fathom-k8s/fathom/kube/kinds"
	"github.com/fathom-k8s/fathom/views"
)

// placesMax is how many saved places of a context are kept.
const placesMax = 200

// saved returns the places of a context that have a name. Of a file that cannot be read there are
// none.
func (p *places) saved(context string) []views.Place {
	all, _ := p.readSaved(context)
	return all
}

func (p *places) readSaved(context string) (all []views.Place, err error) {
	switch err := readWhole(p.fileIn("places", context), &all); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	// Somebody may have written to it.
	return slices.DeleteFunc(all, func(o views.Place) bool {
		text := o.Name + o.Text()
		return o.Name == "" || kinds.Clean(text) != text || !utf8.ValidString(text)
	}), nil
}

// keep changes the saved places of a context at once: another session sees them when it begins, and
// a change of it is not lost.
func (p *places) keep(context string, change func([]views.Place) []views.Place) ([]views.Place, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all, err := p.readSaved(context)
	if err != nil {
		return nil, err
	}
	if all = change(all); len(all) > placesMax {
		return nil, errors.New("there are too many saved places; forget NAME removes one")
	}
	return all, writeWhole(p.fileIn("places", context), all)
}
