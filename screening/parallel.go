package screening

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls f for 0 to n-1 from several goroutines; the order in which
// results become visible never matters, since each call writes its own place.
func parallel(n, workers int, f func(i int)) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	const chunk = 64
	workers = min(workers, (n+chunk-1)/chunk)
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				at := int(next.Add(chunk)) - chunk
				if at >= n {
					return
				}
				for i := at; i < min(at+chunk, n); i++ {
					f(i)
				}
			}
		})
	}
	wg.Wait()
}
