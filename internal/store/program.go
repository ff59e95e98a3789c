package store

// ProgramRow is the account of a machine client as lists show it.
type ProgramRow struct {
	ID, Name, Org, OrgName, Status, Role, Purpose, About, Expires string
	Used                                                          string // day of its last call, ISO; "" for never
	Token                                                         bool   // it has one
}

const programColumns = `program_row.id, program_row.name, program_row.org, org_row.name, program_row.status, program_row.role, program_row.purpose,
	program_row.about, program_row.expires, api_token.used
	FROM program_row JOIN org_row ON org_row.id = program_row.org LEFT JOIN api_token ON api_token.account = program_row.id`

func scanProgram(scan func(...any) error) (r ProgramRow, err error) {
	var used *string
	err = scan(&r.ID, &r.Name, &r.Org, &r.OrgName, &r.Status, &r.Role, &r.Purpose, &r.About, &r.Expires, &used)
	if used != nil {
		r.Used, r.Token = *used, true
	}
	return r, err
}

// ListPrograms lists programs by their name.
func (t *Tx) ListPrograms(p People) ([]ProgramRow, error) {
	args := []any{p.Org, p.After, p.limit()}
	scope := where(p.Scope, "program_row.id", "program_row.org", &args)
	var out []ProgramRow
	err := t.each(`SELECT `+programColumns+` WHERE ($1 = '' OR program_row.org = $1)
		AND ($2 = '' OR (program_row.name, program_row.id) > (SELECT name, id FROM program_row WHERE id = $2)) AND `+scope+`
		ORDER BY program_row.name, program_row.id LIMIT $3`, args, func(scan func(...any) error) error {
		r, err := scanProgram(scan)
		out = append(out, r)
		return err
	})
	return out, err
}

// Program reads one.
func (t *Tx) Program(id string) (r ProgramRow, found bool, err error) {
	err = t.each(`SELECT `+programColumns+` WHERE program_row.id = $1`, []any{id}, func(scan func(...any) error) (err error) {
		r, err = scanProgram(scan)
		found = true
		return err
	})
	return r, found, err
}

// PutToken gives a program's account a token, by its hash; an earlier one ends.
func (t *Tx) PutToken(account string, hash []byte) error {
	return t.exec(`INSERT INTO api_token (account, token, used) VALUES ($1, $2, '')
		ON CONFLICT (account) DO UPDATE SET token = excluded.token, used = ''`, account, hash)
}

// EndToken ends a program's token.
func (t *Tx) EndToken(account string) error {
	return t.exec(`DELETE FROM api_token WHERE account = $1`, account)
}

// HasToken tells whether an account has a token.
func (t *Tx) HasToken(account string) (bool, error) {
	var one int64
	return t.row(`SELECT 1 FROM api_token WHERE account = $1`, []any{account}, &one)
}

// UsedToken notes the day of a program's last call.
func (t *Tx) UsedToken(account, day string) error {
	return t.exec(`UPDATE api_token SET used = $2 WHERE account = $1 AND used < $2`, account, day)
}

// TokenAccount gives the state of the account that a token's hash belongs to, and
// the day of its last call.
func (t *Tx) TokenAccount(hash []byte) (account []byte, used string, found bool, err error) {
	found, err = t.row(`SELECT stream.state, api_token.used FROM api_token JOIN stream ON stream.id = 'account/' || api_token.account WHERE api_token.token = $1`, []any{hash}, &account, &used)
	return account, used, found, err
}
