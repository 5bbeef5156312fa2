package pgwire

import "io"

// A pump reads ahead from a client, so that its leaving is seen while a statement runs. It holds at most a few buffers.
type pump struct {
	full  chan []byte
	empty chan []byte
	rest  []byte // what is left of the current buffer
	cur   []byte
	err   error // set before full is closed
	quit  chan struct{}
}

const pumpBuffers, pumpBuffer = 3, 16 << 10

// newPump starts reading from src; gone is called when src gives an error.
func newPump(src io.Reader, gone func()) *pump {
	p := &pump{full: make(chan []byte, pumpBuffers), empty: make(chan []byte, pumpBuffers), quit: make(chan struct{})}
	for range pumpBuffers {
		p.empty <- make([]byte, pumpBuffer)
	}
	go p.run(src, gone)
	return p
}

func (p *pump) run(src io.Reader, gone func()) {
	defer close(p.full)
	for {
		var buf []byte
		select {
		case buf = <-p.empty:
		case <-p.quit:
			return
		}
		n, err := src.Read(buf[:pumpBuffer])
		if n > 0 {
			p.full <- buf[:n] // never blocks: there are no more buffers than places
		}
		if err != nil {
			p.err = err
			gone()
			return
		}
	}
}

// Read implements io.Reader.
func (p *pump) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		if p.cur != nil {
			p.empty <- p.cur
			p.cur = nil
		}
		buf, ok := <-p.full
		if !ok {
			if p.err == nil {
				return 0, io.EOF
			}
			return 0, p.err
		}
		p.cur, p.rest = buf, buf
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// close ends the reading; the connection must be closed as well.
func (p *pump) close() { close(p.quit) }
