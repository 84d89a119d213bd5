package views

import "github.com/fathom-k8s/fathom/ui"

func newMessages(s *Session) ui.View { return newContexts(s) }
