package vault

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/comity-project/comity/internal/fault"
)

// The bounds of an office file. A text of 500 pages with pictures, or a table of
// a million rows, stays below them.
const (
	maxDirectory = 2 << 20   // bytes read to find the list of entries
	maxEntries   = 10_000    //
	maxUnpacked  = 512 << 20 // bytes of all entries together
	maxRatio     = 200       // of unpacked to packed, for a file that unpacks to more than
	smallEntry   = 8 << 20   // these bytes: an empty table of 100,000 rows packs 300 to 1
)

// inspectOffice tells what kind of office file a zip archive is. It believes no
// size that the archive declares: every entry is unpacked, to nowhere, until
// a bound is met. A plain archive, macros and encrypted entries are refused.
func inspectOffice(r io.ReaderAt, size int64) (string, error) {
	bounded := &boundedReaderAt{r: r, left: maxDirectory}
	z, err := zip.NewReader(bounded, size)
	switch {
	case errors.Is(err, errBound):
		return "", bomb()
	case err != nil:
		return "", fault.New(fault.Invalid, "vault.office_broken").Because(err)
	case len(z.File) > maxEntries:
		return "", bomb()
	}
	bounded.left = -1

	var declared uint64
	names := make(map[string]bool, len(z.File))
	for _, f := range z.File {
		if declared += f.UncompressedSize64; declared > maxUnpacked || f.UncompressedSize64 > maxUnpacked {
			return "", bomb()
		}
		// Bit 0 says encrypted: what can't be looked at can't be taken.
		if f.Flags&1 != 0 {
			return "", fault.New(fault.Invalid, "vault.office_locked")
		}
		if strings.EqualFold(path.Base(f.Name), "vbaProject.bin") {
			return "", fault.New(fault.Invalid, "vault.macros")
		}
		if names[f.Name] {
			return "", fault.New(fault.Invalid, "vault.office_broken").Because(fmt.Errorf("two entries named %q", f.Name))
		}
		names[f.Name] = true
	}
	kind := officeKind(z, names)
	if kind == "" {
		return "", fault.New(fault.Invalid, "vault.media_refused")
	}
	return kind, unpackAll(z, size)
}

func officeKind(z *zip.Reader, names map[string]bool) string {
	switch {
	case names["[Content_Types].xml"] && names["word/document.xml"]:
		return DOCX
	case names["[Content_Types].xml"] && names["xl/workbook.xml"]:
		return XLSX
	case len(z.File) > 0 && z.File[0].Name == "mimetype" && z.File[0].UncompressedSize64 == uint64(len(ODT)):
		r, err := z.File[0].Open()
		if err != nil {
			return ""
		}
		defer r.Close()
		said, err := io.ReadAll(io.LimitReader(r, int64(len(ODT))))
		if err == nil && string(said) == ODT {
			return ODT
		}
	}
	return ""
}

// unpackAll reads each entry to its end. archive/zip checks lengths and sums.
func unpackAll(z *zip.Reader, size int64) error {
	var total int64
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return fault.New(fault.Invalid, "vault.office_broken").Because(err)
		}
		n, err := io.Copy(io.Discard, io.LimitReader(r, maxUnpacked-total+1))
		r.Close()
		if total += n; total > maxUnpacked {
			return bomb()
		}
		if n > smallEntry && n/maxRatio > int64(f.CompressedSize64) {
			return bomb()
		}
		if err != nil {
			return fault.New(fault.Invalid, "vault.office_broken").Because(err)
		}
	}
	if total > smallEntry && total/maxRatio > size {
		return bomb()
	}
	return nil
}

func bomb() error {
	return fault.New(fault.TooLarge, "vault.unpacks_too_large", "limit", int64(maxUnpacked))
}

var errBound = errors.New("vault: the list of entries is too long")

// boundedReaderAt answers errBound after some bytes; a negative left is no
// bound. archive/zip reads as many entries as there are, whatever number the
// archive declares, so this is what bounds its memory.
type boundedReaderAt struct {
	r    io.ReaderAt
	left int64
}

func (b *boundedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if int64(len(p)) > b.left {
			return 0, errBound
		}
		b.left -= int64(len(p))
	}
	return b.r.ReadAt(p, off)
}
