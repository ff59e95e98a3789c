// Package enforcement is what a state does about exporters who did not keep to
// their duties, and about those who say so themselves.
//
// A Matter ("matter/ID") begins with an exporter's own disclosure, a breach, a
// customs stop or an audit of a licensee. The exporter is asked and answers; an
// outcome is proposed by one person and confirmed by another; the exporter is told
// it, and may appeal, which never takes the earlier outcome out. Matters lie in a
// compartment of their own: who is not admitted to it sees nothing of them, not in
// counts either. What is final goes on the exporter's record ("record/ORG"), and
// what the matter shows to be missing in law goes to those who keep the
// instruments.
package enforcement
