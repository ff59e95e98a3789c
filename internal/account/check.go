package account

import (
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
)

const (
	maxName   = 200
	maxReason = 2000
)

// checkRoles keeps the two sides of the counter apart: nobody is at once an
// exporter's user and on the authority's staff.
func checkRoles(bad *fault.Error, roles []access.Role, kind OrgKind) {
	if len(roles) == 0 {
		bad.Field("roles", "account.roles_none")
		return
	}
	for _, r := range roles {
		if !r.Valid() {
			bad.Field("roles", "account.role_unknown", "role", string(r))
			return
		}
		if (r == access.ExporterUser) != (kind == Exporter) {
			bad.Field("roles", "account.role_side")
			return
		}
	}
}

func checkReason(bad *fault.Error, reason string) {
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n == 0 || n > maxReason {
		bad.Field("reason", "account.reason_length", "max", maxReason)
	}
}

// checkProfile checks who is behind an account and gives it as it is kept.
func checkProfile(bad *fault.Error, in Profile) Profile {
	p := Profile{strings.TrimSpace(in.Name), strings.TrimSpace(in.Email), strings.ToLower(strings.TrimSpace(in.Sign))}
	if n := utf8.RuneCountInString(p.Name); n == 0 || n > maxName {
		bad.Field("name", "account.name_length", "max", maxName)
	}
	if p.Email != "" {
		// A bare address alone: what mail programs also read, as "Name <a@b>", is none here.
		if a, err := mail.ParseAddress(p.Email); err != nil || a.Address != p.Email || len(p.Email) > 254 {
			bad.Field("email", "account.email_form")
		}
	}
	if n := utf8.RuneCountInString(p.Sign); n < 2 || n > 100 || strings.ContainsAny(p.Sign, " \t\r\n") {
		bad.Field("sign", "account.sign_form")
	}
	return p
}

// checkOrg checks an organisation's record and gives it as it is kept.
func checkOrg(name, country, registry string, kind OrgKind) (string, string, string, error) {
	name, country, registry = strings.TrimSpace(name), strings.ToUpper(strings.TrimSpace(country)), strings.TrimSpace(registry)
	bad := fault.New(fault.Invalid, "account.org_invalid")
	if n := utf8.RuneCountInString(name); n == 0 || n > maxName {
		bad.Field("name", "account.name_length", "max", maxName)
	}
	if len(country) != 2 || country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' || country[1] > 'Z' {
		bad.Field("country", "account.country_form")
	}
	if n := utf8.RuneCountInString(registry); n > 60 || n == 0 && kind == Exporter {
		bad.Field("registry", "account.registry_form")
	}
	return name, country, registry, bad.Or()
}

func slug(s string) bool {
	if s == "" || len(s) > 60 {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
