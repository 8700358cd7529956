package cli

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondohq/rondo/cmd/rondo/client"
)

// Exit codes of the client commands, for scripts.
const (
	ExitDone       = 0
	ExitRefused    = 1 // the cluster said no, or something else failed
	ExitUsage      = 2 // the command line or a file makes no sense; nothing was sent
	ExitNotThere   = 3 // what the command is about does not exist
	ExitUnanswered = 4 // no final answer in time: it may or may not have happened
	ExitChanges    = 5 // apply --dry-run: there would be changes
)

// ExitHelp explains the exit codes, for the help of a command.
const ExitHelp = `Exit codes: 0 done, 1 refused, 2 a mistake in the command line or a file, 3 not
there, 4 no answer in time (it may have happened; repeat it with the --key shown),
5 there would be changes (apply --dry-run).`

// A UsageError is a mistake that the caller can see before anything is sent.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *UsageError) Unwrap() error { return e.Err }

// ExitCode is what main ends the process with.
func (e *UsageError) ExitCode() int { return ExitUsage }

// Usage returns a UsageError, formatted like fmt.Errorf.
func Usage(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// ErrChanges is how a dry run ends that found something to change. It has been
// said already, so main prints nothing for it.
var ErrChanges = errors.New("there would be changes")

// A failure is an error of a client command, marked by Strict.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// ExitCode is what main ends the process with.
func (f *failure) ExitCode() int {
	code, _ := ExitCode(f)
	return code
}

// ExitCode returns the exit code of an error of a client command. ok is false for
// errors that are none of this package's, whose code is their command's business.
func ExitCode(err error) (code int, ok bool) {
	var ours *failure
	var usage *UsageError
	var problem *client.Problem
	var silent *client.UnansweredError
	var late *LateError
	switch {
	case errors.Is(err, ErrChanges):
		return ExitChanges, true
	case errors.As(err, &usage):
		return ExitUsage, true
	case !errors.As(err, &ours):
		return ExitRefused, false
	case errors.As(err, &late), errors.As(err, &silent):
		return ExitUnanswered, true
	case errors.As(err, &problem):
		return codeOf(problem), true
	}
	return ExitRefused, true
}

func codeOf(p *client.Problem) int {
	switch {
	case p.Outcome == "unknown":
		return ExitUnanswered
	case p.Status == http.StatusNotFound:
		return ExitNotThere
	default:
		return ExitRefused
	}
}

// hints say what to do next, by the code of a problem.
var hints = map[string]string{
	"revision_mismatch":   "Somebody changed it meanwhile: look at it again, then repeat the command.",
	"not_permitted":       "Act as somebody who may, with --actor, or ask an admin.",
	"in_use":              "Change what uses it first; then repeat the command.",
	"already_assigned":    "To give it to somebody else all the same: rondo conversation assign ID AGENT.",
	"method_not_allowed":  "This node does not know the call: is it an older version? Compare: rondo version, rondo cluster status.",
	"no_route":            "This node does not know the call: is it an older version? Compare: rondo version, rondo cluster status.",
	"unknown_reference":   "Create what it names first, or mend the name; ids are case-sensitive.",
	"unknown_field":       "The node may be of an older version: compare rondo version, rondo cluster status.",
	"too_many_keys":       "Wait a moment and repeat; the cluster remembers too many calls of the last day.",
	"idempotency_key":     "Leave --key out for a new call.",
	"disk_full":           "Free space on the nodes: rondo cluster status says where.",
	"fallback_cycle":      "Send to a team whose own fallback does not lead back here.",
	"key_reused":          "This --key belongs to another call: use a new one, or leave it out.",
	"no_rotation":         "Its inbox has no rotation: rondo inbox set INBOX --mode rotation --team TEAM.",
	"collation_version":   "The nodes are being upgraded: repeat it when all have the same version.",
	"conversation_closed": "Reopen it first: rondo conversation reopen ID.",
	"decided_by_person":   "Look at it; to decide otherwise all the same, say what you have seen with --if-assignee, or act as a person with --actor.",
	"superseded":          "Look at what was decided since: rondo conversation decisions ID.",
	"already_owned":       "To give it to somebody else all the same: rondo contact owner set ID AGENT.",
	"merged":              "Use the contact that it has become a part of.",
}

// A HintedError says by itself what to do next.
type HintedError struct {
	Err  error
	Hint string
}

func (e *HintedError) Error() string { return e.Err.Error() }

// Unwrap returns the error without its hint.
func (e *HintedError) Unwrap() error { return e.Err }

// Explain adds to an error what to do next, where that is known. main prints it.
func Explain(err error) string {
	says := err.Error()
	var problem *client.Problem
	var silent *client.UnansweredError
	var hinted *HintedError
	var ours *failure
	switch {
	case !errors.As(err, &ours):
	case errors.As(err, &hinted):
		says += "\n" + hinted.Hint
	case errors.As(err, &silent) && silent.Key != "":
		says += fmt.Sprintf("\nTo learn what became of it, repeat the command with --key %s.", silent.Key)
	case errors.As(err, &silent):
		says += "\nIs the cluster up? Name its nodes with --server or " + ServersEnv + "."
	case errors.As(err, &problem):
		hint := hints[problem.Code]
		if hint == "" && problem.Status == http.StatusNotFound {
			hint = "The matching list command shows what there is."
		}
		if hint != "" {
			says += "\n" + hint
		}
	}
	return says
}

// Strict makes a command and all below it have the exit codes of this package, end with usage errors where cobra finds
// mistakes, and a command that only groups others refuse words it does not know.
func Strict(cmd *cobra.Command) {
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return Usage("%w\nSee: %s --help", err, c.CommandPath())
	})
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.RunE = func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return unknownCommand(c, args[0])
		}
	}
	if check := cmd.Args; check != nil {
		cmd.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return Usage("%w\nUsage: %s", err, c.UseLine())
			}
			return nil
		}
	}
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(c *cobra.Command, args []string) error {
			if err := run(c, args); err != nil {
				return &failure{err}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		Strict(sub)
	}
}

func unknownCommand(c *cobra.Command, word string) error {
	c.SuggestionsMinimumDistance = 2
	says := fmt.Sprintf("unknown command %q for %q", word, c.CommandPath())
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return Usage("%s: did you mean %s?", says, strings.Join(near, ", "))
	}
	return Usage("%s; see: %s --help", says, c.CommandPath())
}
