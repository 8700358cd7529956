package fsm

// Limits of offers.
const (
	MinOfferSeconds          = 5
	MaxOfferSeconds          = 3600
	DefaultOfferPauseSeconds = 60
)

// checkOffers checks how long an offer is open, and when those who were asked are
// asked again.
func checkOffers(c *checker, r *RotationSettings) {
	if n := valueOr(r.OfferSeconds, 0); n != 0 && (n < MinOfferSeconds || n > MaxOfferSeconds) {
		c.add("/rotation/offer_seconds", "out_of_range", "%d, it must be from %d to %d; 0 assigns without asking", n, MinOfferSeconds, MaxOfferSeconds)
	}
	c.seconds("/rotation/offer_pause_seconds", r.OfferPauseSeconds, 1)
}

// offerPauseMs is 0 for the default, so that rows of teams that say nothing of offers
// are what they always were.
func (r *RotationSettings) offerPauseMs() int64 {
	n := valueOr(r.OfferPauseSeconds, DefaultOfferPauseSeconds)
	if n == DefaultOfferPauseSeconds {
		return 0
	}
	return int64(n) * 1000
}

// Pause is how long those who were asked are left alone, in ms.
func (r Rotation) Pause() int64 {
	if r.OfferPauseMs == 0 {
		return DefaultOfferPauseSeconds * 1000
	}
	return r.OfferPauseMs
}
