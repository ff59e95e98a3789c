package controls

// Answered is a question of an interview with what was answered.
type Answered struct {
	Question
	Answer string
}

// maxAsked bounds the questions of one interview.
const maxAsked = 40

// Interview classifies an item step by step: it takes the answers given to the
// questions that were open at their turn, and no others. What it gives is the
// result with the questions that still matter, and the answers that counted. An
// answer to a question that was never asked changes nothing.
func (c *Classifier) Interview(it Item) (Result, []Answered) {
	given := it.Answers
	it.Answers = map[string]string{}
	var told []Answered
	res := c.Classify(it)
	for len(told) < maxAsked {
		next := -1
		for i, q := range res.Questions {
			if _, done := it.Answers[q.Key]; !done && given[q.Key] != "" {
				next = i
				break
			}
		}
		if next < 0 {
			break
		}
		q := res.Questions[next]
		it.Answers[q.Key] = given[q.Key]
		told = append(told, Answered{q, given[q.Key]})
		res = c.Classify(it)
	}
	// What was answered, be it "not known", is not asked again.
	var open []Question
	for _, q := range res.Questions {
		if it.Answers[q.Key] == "" {
			open = append(open, q)
		}
	}
	res.Questions = open
	return res, told
}
