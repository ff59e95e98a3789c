package authority

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
)

var update = flag.Bool("update", false, "draw docs/officer/procedure anew")

// The picture and the table in the docs are those of the program: drawn from the
// table by which it takes or refuses every act, and current.
func TestTheProcedureInTheDocsIsCurrent(t *testing.T) {
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	ctx := lang.With(context.Background(), cat.Printer("en", time.UTC))
	var picture bytes.Buffer
	if err := procedurePicture("").Render(ctx, &picture); err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	fmt.Fprintf(&page, "# %s\n\n%s %s\n\n![%s](procedure.svg)\n", ui.T(ctx, "authority.procedure.title"), ui.T(ctx, "authority.procedure.about"), ui.T(ctx, "authority.procedure.key"), ui.T(ctx, "authority.procedure.title"))
	for _, b := range stageBoxes() {
		fmt.Fprintf(&page, "\n## %s\n\n| %s | %s | %s | %s | %s |\n|---|---|---|---|---|\n", stageName(ctx, b.Stage), ui.T(ctx, "authority.procedure.what"), ui.T(ctx, "authority.procedure.who"), ui.T(ctx, "authority.procedure.next"), ui.T(ctx, "authority.procedure.clock"), ui.T(ctx, "authority.procedure.guards"))
		for _, x := range procedureRows(ctx, b.Stage) {
			fmt.Fprintf(&page, "| %s | %s | %s | %s | %s |\n", x.What, x.Who, x.Next, x.Clock, strings.Join(x.Guards, " "))
		}
	}
	dir := filepath.Join("..", "..", "..", "docs", "officer")
	for name, want := range map[string]string{"procedure.svg": picture.String() + "\n", "procedure.md": page.String()} {
		path := filepath.Join(dir, name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			t.Errorf("%s is not that of the program (%v): run this test with -update", path, err)
		}
	}
	for _, b := range stageBoxes() {
		if name := stageName(ctx, b.Stage); !strings.Contains(picture.String(), ">"+name+"<") {
			t.Errorf("the picture lacks %q", name)
		}
	}
	if strings.Contains(page.String(), "[staff.event") {
		t.Error("an event has no words")
	}
}

// Every stage of the table has its place in the picture, and each way that a row
// leads is drawn once.
func TestThePictureHoldsEveryStage(t *testing.T) {
	placed := map[licensing.Stage]bool{}
	for _, b := range stageBoxes() {
		if placed[b.Stage] {
			t.Errorf("%s twice", b.Stage)
		}
		placed[b.Stage] = true
	}
	for _, row := range licensing.Table {
		for _, s := range append(append([]licensing.Stage{}, row.From...), row.To...) {
			if !placed[s] {
				t.Errorf("%s has no place", s)
			}
		}
	}
	paths := map[string]bool{}
	for _, a := range stageArrows() {
		if paths[a.Path] {
			t.Errorf("%s is drawn twice", a.Path)
		}
		paths[a.Path] = true
	}
	if len(paths) < len(stageBoxes()) {
		t.Errorf("%d arrows between %d stages", len(paths), len(stageBoxes()))
	}
}
