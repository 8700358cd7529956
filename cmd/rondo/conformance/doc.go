// Package conformance ships the cases that a cluster must pass, and runs them.
//
// A case is a file a supervisor can read, cases/K7.txt: what is given, what
// happens, and what must then be so. Each step is one line, and the table of steps
// says what it does; a line that no step knows is an error at once, with its file
// and number, so that a case never passes because nobody understood it.
//
// Cases speak to a cluster as any client does, over HTTP, through all the nodes
// they are told of. Every case makes people, teams, inboxes and conversations of
// its own, under names that nobody else has, and puts them away when it is done;
// so the suite runs against a cluster with work in it, and against one that others
// are using. It imports nothing of the server, does not measure speed, and kills
// nothing.
//
// Read cases/K7.txt first, then catalogue.go (files to cases), grammar.go (lines to
// steps), steps_given.go, steps_when.go, steps_contacts.go, steps_talk.go,
// steps_then.go, steps_queue.go and steps_told.go (what each step does), world.go
// (what a case has made so far), calls.go (how it calls), failure.go (what a failure
// says), run.go (cases one after another or side by side), report.go and command.go.
// requirements.txt says which case or test shows each requirement.
package conformance
