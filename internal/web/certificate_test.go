package web_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/node/nodetest"
)

// An end-use certificate is made of what the case says, given a code, read and
// signed abroad without scripts, and recorded by the officer, who is told that it
// was signed; whether the signatory may bind the end user stays to be found. The
// code is good for one signature, and any other is answered alike.
func TestCertificateIsSignedAbroad(t *testing.T) {
	w := newWalk(t)
	in := nodetest.Example(t, "01")
	id := w.Submit(w.Application(in))
	w.Settle(id, in)

	officer := w.as(w.Officer)
	officer.Open(w.base + "/cases/" + id + "/assurances")
	officer.Press("End-use certificate")
	officer.Sees("None was made")
	officer.Press("Make a certificate")
	officer.Sees("The certificate is made", "Not signed electronically")
	w.looks(officer, "certificate-made")
	officer.Press("Make a code to sign with")
	officer.Sees("The code, shown this once", w.App.SignAddress())
	code := regexp.MustCompile(`[0-9A-Z]{4}(-[0-9A-Z]{4}){4}`).FindString(officer.Text())
	if code == "" {
		t.Fatal("no code is shown")
	}
	w.looks(officer, "certificate-code")

	scripted := w.b.Visitor(t)
	scripted.Open(w.base + "/sign")
	scripted.Fill("Code", code)
	scripted.Press("Read the certificate")
	w.looks(scripted, "certificate-read")

	abroad := w.b.Visitor(t)
	abroad.Scripts(false)
	abroad.Size(360, 740)
	abroad.Open(w.base + "/sign")
	abroad.Fill("Code", "AAAA-BBBB-CCCC-DDDD-EEEE")
	abroad.Press("Read the certificate")
	abroad.Sees("No certificate can be signed with this code")
	abroad.Fill("Code", strings.ToLower(strings.ReplaceAll(code, "-", " ")))
	abroad.Press("Read the certificate")
	abroad.Sees("End-use certificate", "The item will not be misused", "As the Code words it.", in.EndUse.Purpose)
	abroad.NoSidewaysScroll()
	abroad.Screenshot(filepath.Join(w.pics, "certificate-sign.png"))
	abroad.Fill("Your name", "Амира Тестова")
	abroad.Press("Sign")
	abroad.Sees("Confirm that you have read the certificate", "As the Code words it.")
	abroad.Choose("I have read the certificate, and sign it for the end user")
	abroad.Press("Sign")
	abroad.Sees("Enter your function")
	abroad.Fill("Your function", "Deputy minister")
	abroad.Fill("On what may you bind the end user?", "Decree 12 of 2025")
	abroad.Fill("Remarks", "Subject to our law on secrecy.")
	abroad.Press("Sign")
	abroad.Sees("The certificate is signed", "SHA-256")
	abroad.Open(w.base + "/sign")
	abroad.Fill("Code", code)
	abroad.Press("Read the certificate")
	abroad.Sees("No certificate can be signed with this code")

	officer.Open(w.base + "/work")
	officer.Open(w.base + "/cases/" + id + "/assurances")
	officer.Press("End-use certificate")
	officer.Sees("Signed electronically on", "Амира Тестова, Deputy minister", "Decree 12 of 2025", "Assurances declined")
	w.looks(officer, "certificate-signed")
	officer.Press("Record the reply with what was signed")
	w.looks(officer, "certificate-recorded")
	if got := officer.Value("Who signed"); got != "Амира Тестова" {
		t.Errorf("the reply is begun with the signatory %q", got)
	}
	for _, form := range []string{"pdf", "docx", "html"} {
		b, err := w.App.Certificates(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodGet, w.base+"/cases/"+id+"/assurances/certificates/"+b.All[0].ID+"/"+form, nil)
		r.AddCookie(w.SignIn(w.Officer))
		r.RequestURI = ""
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if a.Body.Close(); a.StatusCode != http.StatusOK || !strings.Contains(a.Header.Get("Content-Disposition"), "-E1."+form) {
			t.Errorf("%s: %d %s", form, a.StatusCode, a.Header.Get("Content-Disposition"))
		}
	}
}
