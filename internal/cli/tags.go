package cli

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A command line is declared by structs. A field is
//
//   - a command of its own (cmd:""), default:"1" when it is meant where the word
//     is left out;
//   - an argument (arg:""), which must be given unless optional:"";
//   - or a flag.
//
// help is the sentence of the help page, name another name than the field's,
// short one letter, default the value left out, enum the values allowed, type a
// file or folder (existingfile, existingdir) that has to be there, required:""
// a flag that must be given, env a variable that stands in for it.
//
// cobra parses; it is used because it calls nothing by a name found at run time:
// the linker then leaves out every method that nobody calls.

// Commands stand in the order in which they are declared.
func init() { cobra.EnableCommandSorting = false }

// runner is what a command's struct does once its fields are filled.
type runner interface{ Run(*env) error }

// command makes the command of a struct, with its fields as flags, arguments and
// further commands; run is called with the one chosen.
func command(name, help string, v reflect.Value, run func(runner) error) *cobra.Command {
	cmd := &cobra.Command{Use: name, Short: help, Long: help}
	args, byDefault := fields(cmd, v, run)
	if cmd.HasSubCommands() {
		group(cmd, byDefault)
		return cmd
	}
	for _, a := range args {
		cmd.Use += " " + a.usage()
		cmd.Long += "\n\n  " + a.usage() + "  " + a.val.tag.Get("help")
	}
	cmd.Args = func(_ *cobra.Command, given []string) error { return fill(args, given) }
	if r, is := v.Addr().Interface().(runner); is {
		cmd.RunE = func(*cobra.Command, []string) error { return run(r) }
	}
	return cmd
}

// fields gives a command what a struct declares, those embedded in it included:
// flags and commands at once, arguments in their order, and the command that is
// meant when none is named.
func fields(cmd *cobra.Command, v reflect.Value, run func(runner) error) (args []argument, byDefault *cobra.Command) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Anonymous && f.Type.Kind() == reflect.Struct {
			more, _ := fields(cmd, v.Field(i), run)
			args = append(args, more...)
			continue
		}
		name := cmp.Or(f.Tag.Get("name"), dashed(f.Name))
		if _, is := f.Tag.Lookup("cmd"); is {
			sub := command(name, f.Tag.Get("help"), v.Field(i), run)
			cmd.AddCommand(sub)
			if _, is := f.Tag.Lookup("default"); is {
				byDefault = sub
			}
			continue
		}
		val := &value{field: v.Field(i), tag: f.Tag}
		if _, is := f.Tag.Lookup("arg"); is {
			_, optional := f.Tag.Lookup("optional")
			args = append(args, argument{name, optional, val})
			continue
		}
		flag(cmd, name, val)
	}
	return args, byDefault
}

// group makes a command that has further ones say which there are when none of
// them was named, or do the one that is meant by default.
func group(cmd, byDefault *cobra.Command) {
	if byDefault != nil {
		cmd.Flags().AddFlagSet(byDefault.Flags())
		cmd.Args, cmd.RunE = byDefault.Args, byDefault.RunE
		return
	}
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		var names []string
		for _, sub := range cmd.Commands() {
			if sub.Name() != "help" && sub.Name() != "completion" {
				names = append(names, sub.Name())
			}
		}
		if len(given) == 0 {
			return fmt.Errorf("say which of: %s", strings.Join(names, ", "))
		}
		cmd.SuggestionsMinimumDistance = 2
		if like := cmd.SuggestionsFor(given[0]); len(like) > 0 {
			return fmt.Errorf("%q is no command, did you mean %q?", given[0], like[0])
		}
		return fmt.Errorf("%q is no command, say one of: %s", given[0], strings.Join(names, ", "))
	}
	cmd.RunE = func(*cobra.Command, []string) error { return nil } // Args has said what is wrong
}

// flag declares one flag of a command.
func flag(cmd *cobra.Command, name string, val *value) {
	flags := cmd.Flags()
	if !cmd.HasParent() && val.tag.Get("env") != "" {
		flags = cmd.PersistentFlags()
	}
	help := val.tag.Get("help")
	if env := val.tag.Get("env"); env != "" {
		help += " ($" + env + ")"
		if given := os.Getenv(env); given != "" {
			val.field.SetString(given)
		}
	}
	f := flags.VarPF(val, name, val.tag.Get("short"), help)
	if val.field.Kind() == reflect.Bool {
		f.NoOptDefVal = "true"
	}
	if given, is := val.tag.Lookup("default"); is {
		if err := val.Set(given); err != nil {
			panic(fmt.Sprintf("--%s: default %q: %v", name, given, err))
		}
		f.DefValue, val.touched = given, false
	}
	if _, is := val.tag.Lookup("required"); is {
		f.Usage += " Must be given."
		if err := cmd.MarkFlagRequired(name); err != nil {
			panic(err)
		}
	}
}

// argument is what stands in a command line without a flag's name.
type argument struct {
	name     string
	optional bool
	val      *value
}

func (a argument) many() bool { return a.val.field.Kind() == reflect.Slice }

func (a argument) usage() string {
	s := "<" + a.name + ">"
	if a.many() {
		s += " ..."
	}
	if a.optional {
		s = "[" + s + "]"
	}
	return s
}

// fill gives the arguments their values, the last one all that is left where it
// takes several.
func fill(args []argument, given []string) error {
	for _, a := range args {
		n := min(1, len(given))
		if a.many() {
			n = len(given)
		}
		if n == 0 && !a.optional {
			return fmt.Errorf("%s is missing", a.usage())
		}
		for _, g := range given[:n] {
			if err := a.val.one(g); err != nil {
				return fmt.Errorf("<%s>: %w", a.name, err)
			}
		}
		given = given[n:]
	}
	if len(given) > 0 {
		return fmt.Errorf("%q is one argument too many", given[0])
	}
	return nil
}

// value is a field that takes what stands in the command line.
type value struct {
	field   reflect.Value
	tag     reflect.StructTag
	touched bool // something but its default was set
}

var _ pflag.Value = (*value)(nil)

// Type is the word for the value on the help page.
func (v *value) Type() string {
	switch v.field.Kind() {
	case reflect.Bool:
		return "bool"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		if v.field.Type() == reflect.TypeFor[time.Duration]() {
			return "duration"
		}
		return "number"
	case reflect.Slice:
		return "text,..."
	}
	switch v.tag.Get("type") {
	case "existingfile", "path":
		return "file"
	case "existingdir":
		return "folder"
	}
	return "text"
}

func (v *value) String() string {
	if v == nil || !v.field.IsValid() || v.field.IsZero() {
		return ""
	}
	return fmt.Sprint(v.field.Interface())
}

// Set takes one value of a flag; of a list, several with commas between them,
// and the flag again for more.
func (v *value) Set(s string) error {
	if v.field.Kind() != reflect.Slice {
		return v.one(s)
	}
	for part := range strings.SplitSeq(s, ",") {
		if err := v.one(part); err != nil {
			return err
		}
	}
	return nil
}

// one takes one value, as the field's type reads it.
func (v *value) one(s string) error {
	if err := v.allowed(s); err != nil {
		return err
	}
	if v.field.Kind() == reflect.Slice {
		if !v.touched { // what is given stands instead of the default
			v.field.SetZero()
		}
		v.field.Set(reflect.Append(v.field, reflect.ValueOf(s)))
		v.touched = true
		return nil
	}
	v.touched = true
	switch p := v.field.Addr().Interface().(type) {
	case *string:
		*p = s
	case *bool:
		return scan(p, s, "true or false", strconv.ParseBool)
	case *int:
		return scan(p, s, "a whole number", strconv.Atoi)
	case *int64:
		return scan(p, s, "a whole number", func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) })
	case *uint64:
		return scan(p, s, "a whole number", func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) })
	case *time.Duration:
		return scan(p, s, "a time such as 90s, 15m or 4h", time.ParseDuration)
	case *time.Time:
		return scan(p, s, "a day such as 2026-11-22", func(s string) (time.Time, error) { return time.Parse(v.tag.Get("format"), s) })
	case encoding.TextUnmarshaler:
		return p.UnmarshalText([]byte(s))
	default:
		return fmt.Errorf("no flag can have the type %T", p)
	}
	return nil
}

// scan reads a value, or says what would have been one.
func scan[T any](to *T, s, want string, parse func(string) (T, error)) error {
	got, err := parse(s)
	if err != nil {
		return fmt.Errorf("%q is not %s", s, want)
	}
	*to = got
	return nil
}

// allowed says whether a value is among those named, and a file or folder there.
func (v *value) allowed(s string) error {
	if enum, is := v.tag.Lookup("enum"); is {
		if all := strings.Split(enum, ","); !slices.Contains(all, s) {
			return fmt.Errorf("%q is none of: %s", s, strings.TrimPrefix(strings.Join(all, ", "), ", "))
		}
	}
	kind := v.tag.Get("type")
	if kind != "existingfile" && kind != "existingdir" || s == "-" {
		return nil
	}
	info, err := os.Stat(s)
	switch {
	case err != nil:
		return errors.Unwrap(err)
	case info.IsDir() && kind == "existingfile":
		return fmt.Errorf("%s is a folder", s)
	case !info.IsDir() && kind == "existingdir":
		return fmt.Errorf("%s is no folder", s)
	}
	return nil
}

// dashed is a field's name as a flag or command has it: EndProgram is
// end-program, JSON is json.
func dashed(name string) string {
	var b strings.Builder
	r := []rune(name)
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) && (unicode.IsLower(r[i-1]) || i+1 < len(r) && unicode.IsLower(r[i+1])) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
