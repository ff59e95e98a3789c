package licensing

// Tells is what a command says to the applicant or a party in words that
// somebody wrote for it. reasons says that it tells on what something rests, so
// that what other states reported may stand behind it.
func Tells(cmd interface{ Name() string }) (texts []string, reasons bool) {
	switch c := cmd.(type) {
	case AskInformation:
		for _, q := range c.Questions {
			texts = append(texts, q.Text)
		}
	case SeekAssurance:
		texts = []string{c.Text}
	case IntendToRefuse:
		return toldBy(c.Reasons), true
	case DecideCase:
		texts = toldBy(c.ToApplicant)
		for _, w := range c.Weighed {
			texts = append(texts, w.Answer)
		}
		for _, k := range c.Conditions {
			texts = append(texts, k.What, k.Verify, k.Consequence)
		}
		reasons = len(c.ToApplicant)+len(c.Weighed) > 0
	case DecideAppeal:
		return []string{c.Told}, true
	case Reopen:
		return []string{c.Told}, true
	case Inform:
		return append([]string{c.Text, c.Items}, c.Users...), true
	case ProposeVariation:
		return []string{c.Told}, true
	}
	return texts, reasons
}

func toldBy(reasons []ReleasedReason) (texts []string) {
	for _, r := range reasons {
		texts = append(texts, r.Text)
	}
	return texts
}
