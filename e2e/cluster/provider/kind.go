package provider

import "errors"

func newKind(Options) (Provider, error)     { return nil, errors.New("kind") }
func newExisting(Options) (Provider, error) { return nil, errors.New("existing") }
