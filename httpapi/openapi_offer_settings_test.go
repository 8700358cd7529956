package httpapi

import "maps"

// What the document says of teams that ask instead of assign.
func init() {
	const (
		open  = "How long whoever's turn it is may think about a conversation, from 5 to 3600 seconds: it is offered to her, and is hers when she accepts. 0: it is assigned to her at once."
		pause = "When all who could take a conversation were asked and nobody accepted, and there is no fallback: seconds until they are asked again."
	)
	maps.Copy(abouts, map[string]string{
		"fsm.RotationSettings.offer_seconds": open + " 0 is the default.", "fsm.RotationSettings.offer_pause_seconds": pause + " 60 is the default.",
		"httpapi.offerConfig.offer_seconds": open, "httpapi.offerConfig.offer_pause_seconds": pause,
	})
}
