package nouncmd

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rondohq/rondo/cmd/rondo/cli"
	"github.com/rondohq/rondo/cmd/rondo/noun"
)

// What she is offered stands first, with how to take it, once, and with the seconds
// that are left.
func TestWatchShowsOffers(t *testing.T) {
	n := &talkingNode{open: 3, speak: make(chan string)}
	out, stop, end := watching(t, n)
	out.await(t, "ann is available")
	n.set(func() { n.offer = `{"id":"42","conversation":"c9","agent":"ann","team":"sales","seconds_left":30}` })
	n.speak <- "offer.made"
	out.await(t, "ann is offered c9 of Pia, 30 s left: rondo offer accept 42\n")
	n.set(func() { n.open = 4 })
	n.speak <- "conversation.assigned"
	out.await(t, "4 open")
	stop()
	if err := end(); err != nil || strings.Count(out.text.String(), "accept 42") != 1 {
		t.Errorf("%v\n%s", err, out.text.String())
	}
}

// Seconds go on between two looks, and never below nothing; the picture fits still.
func TestSecondsLeftOnScreen(t *testing.T) {
	offer := cli.Doc{"id": "42", "conversation": "c9", "customer": "Pia", "seconds_left": json.Number("30")}
	for ago, most := range map[time.Duration]int{0: 30, 12 * time.Second: 18, time.Hour: 0} {
		d := desk{Agent: "ann", deskOffers: deskOffers{[]cli.Doc{offer}, time.Now().Add(-ago)}}
		for range watchedMost {
			d.Conversations = append(d.Conversations, cli.Doc{"id": "c1"})
		}
		picture := paint(d, "", 80, rowsLeast, false)
		if !strings.Contains(picture, "OFFERED") || strings.Count(picture, "\n") > rowsLeast {
			t.Errorf("after %s:\n%s", ago, picture)
		}
		left, err := strconv.Atoi(noun.Left("", "/seconds_left", d.read).Cell(offer).Text)
		if err != nil || left > most || left < 0 {
			t.Errorf("after %s: %d seconds left, %v", ago, left, err)
		}
	}
}

// A node that knows no offers yet ends no watch.
func TestWatchWithoutOffers(t *testing.T) {
	n := &talkingNode{open: 3, speak: make(chan string), offer: "none"}
	out, stop, end := watching(t, n, "-o", "json")
	out.await(t, `"offers":[]`)
	stop()
	if err := end(); err != nil {
		t.Error(err)
	}
}
