package fsm

func offerLimits() []limit {
	offers := func(n int) Command {
		return PutTeam{ID: "t-offers", Name: "T", Rotation: &RotationSettings{OfferSeconds: number(uint32(n))}}
	}
	return []limit{
		sized("offer", MaxOfferSeconds, offers, "/rotation/offer_seconds", "out_of_range"),
		{"short offer", offers(MinOfferSeconds), offers(MinOfferSeconds - 1), "/rotation/offer_seconds", "out_of_range"},
		sized("offer pause", MaxSeconds, func(n int) Command {
			return PutTeam{ID: "t-offers", Name: "T", Rotation: &RotationSettings{OfferPauseSeconds: number(uint32(n))}}
		}, "/rotation/offer_pause_seconds", "out_of_range"),
	}
}
