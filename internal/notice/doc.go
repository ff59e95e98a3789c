// Package notice says what people are told and when: the kinds of notices and the
// stages of reminders, as content/notices.toml has them, and each person's own
// settings. It knows no case and sends nothing; a node does.
package notice
