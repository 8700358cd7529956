package main

import (
	"github.com/rondohq/rondo/cmd/rondo/conformance"
	"github.com/rondohq/rondo/cmd/rondo/noun"
	"github.com/rondohq/rondo/cmd/rondo/preset"
)

// presetForCases is a preset as the conformance cases may stand on it: they know the
// server by its API alone, and nothing of the command line.
func presetForCases(name string) (conformance.Preset, error) {
	p, err := preset.Named(name)
	if err != nil {
		return conformance.Preset{}, err
	}
	fill := func(team, inbox, admin string) (settings conformance.Settings, err error) {
		files, err := p.Fill(preset.Names{Team: team, Inboxes: []string{inbox}, Admin: admin})
		for _, thing := range files.Things {
			thing.Noun.Lean(thing.Doc)
			switch {
			case thing.IfThere: // there is nothing of another preset
			case thing.Noun == noun.Team:
				settings.Team = thing.Doc
			case thing.Noun == noun.Inbox:
				settings.Inbox = thing.Doc
			default:
				published := thing.Doc["state"] == "published"
				delete(thing.Doc, "state")
				settings.Rules = append(settings.Rules, conformance.SettledRule{ID: thing.ID, Body: thing.Doc, Published: published})
			}
		}
		return settings, err
	}
	return conformance.Preset{Name: p.Name, Cases: p.CaseIDs(), NeedsAdmin: p.NeedsAdmin(), Fill: fill}, nil
}
