// Package incidents is what a state does when something happens after a licence
// was given: a report of abuse, a coup, a breach.
//
// An Incident ("incident/ID") is linked to end users, items and destinations.
// What it touches, every live licence and open case, is listed by whoever holds
// the register; what is done about all of it is one Act, proposed by one person
// and confirmed by another. One senior officer alone may suspend in an
// emergency; a second confirms within two working days, or it lapses.
//
// Who raised it is a part of its own, told to nobody: no text for a company may
// name them, and where somebody outside raised it an act takes effect, and is
// told, on a later day at a fixed hour, so that it does not point back.
//
// A Presumption ("presumption/COUNTRY") is the presumption of denial for a
// destination from a day. It binds until it is lifted; a senior officer may
// exempt one case with reasons.
//
// People are named as groups. Nothing here reads a clock or a table.
package incidents
