package jobstest

import (
	"testing"

	"github.com/comity-project/comity/internal/jobs"
)

func TestMemory(t *testing.T) {
	Contract(t, func(*testing.T) jobs.Store { return &Memory{} })
}
