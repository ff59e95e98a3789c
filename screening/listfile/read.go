package listfile

import "fmt"

// Format names the form of a list's files, as a record of sources gives it.
type Format string

// The forms that Read knows.
const (
	USConsolidated Format = "us-consolidated-json" // one file
	OFAC           Format = "ofac-csv"             // SDN, ALT, ADD, SDN_COMMENTS: told apart by name
	UN             Format = "un-xml"               // one file
	EU             Format = "eu-annex-csv"         // any number of files
	USEntityList   Format = "us-entity-list-jsonl" // one file
	YAML           Format = "comity-yaml"          // one file
	JSONL          Format = "comity-jsonl"         // one file
)

// Formats are all forms, in the order in which they are shown.
func Formats() []Format {
	return []Format{USConsolidated, OFAC, UN, EU, USEntityList, YAML, JSONL}
}

// Read reads the files of a list in a form. Errors are *Error.
func Read(format Format, lim Limits, files ...File) (Result, error) {
	one := func(read func(File, Limits) (Result, error)) (Result, error) {
		if len(files) != 1 {
			return Result{}, &Error{Kind: Structure, File: "list", Problem: fmt.Sprintf("there are %d files", len(files)), Todo: "give the one file of the list"}
		}
		return read(files[0], lim)
	}
	switch format {
	case USConsolidated:
		return one(ReadConsolidated)
	case OFAC:
		o, err := ofacByName(files)
		if err != nil {
			return Result{}, err
		}
		return ReadOFAC(o, lim)
	case UN:
		return one(ReadUN)
	case EU:
		return ReadEU(files, lim)
	case USEntityList:
		return one(func(f File, lim Limits) (Result, error) {
			_, res, err := ReadEntityList(f, lim)
			return res, err
		})
	case YAML:
		return one(ReadYAML)
	case JSONL:
		return one(ReadJSONL)
	}
	return Result{}, &Error{Kind: Structure, File: "list", Problem: fmt.Sprintf("no reader knows the form %q", format), Todo: "correct the form in the record of the source"}
}
