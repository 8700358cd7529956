// Package nouncmd is the command line for the things of a cluster: rondo agent,
// group, team, inbox, contact, conversation, view, notification, presence and
// decision.
//
// What these commands have in common is written once: listing, showing, writing
// and revisions work from the descriptions in package noun, and what can be done
// with a thing is a row of a table. The cluster decides everything; nothing here
// does.
//
// Read command.go first, then look.go with filter.go, write.go, action.go with its
// tables (people.go, contacts.go, conversations.go), rotation.go, views.go,
// notifications.go; then watch.go (what an agent sees live) and screen.go (how a
// terminal shows it).
package nouncmd
