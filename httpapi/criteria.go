package httpapi

import "github.com/rondohq/rondo/fsm"

var putCriteriaShape = shapeOf[fsm.PutCriteria]()

// A criteriaView says when a contact counts as qualified.
type criteriaView struct {
	Qualified *fsm.Condition `json:"qualified"` // what must hold of a contact; null: only who is said to be qualified is
	Revision  uint64         `json:"revision"`
}

func (v criteriaView) version() uint64 { return v.Revision }

func viewCriteria(v *fsm.State) criteriaView {
	return criteriaView{v.Settings.Criteria.Qualified, v.Settings.Criteria.Revision}
}

func getCriteria(a *api, c *call) (answer, error) {
	v, err := a.view(c)
	if err != nil {
		return answer{}, err
	}
	return show(v, viewCriteria(v))
}

func putCriteria(a *api, c *call) (answer, error) {
	command, err := decode(c, putCriteriaShape, func(*fsm.PutCriteria) {})
	if err != nil {
		return answer{}, err
	}
	d, err := a.propose(c, command)
	if err != nil {
		return answer{}, err
	}
	return d.answer(viewCriteria(d.view)), nil
}
