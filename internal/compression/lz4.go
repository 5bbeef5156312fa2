package compression

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
)

const (
	lz4Magic = 0x184d2204
	lz4Skip  = 0x184d2a50
)

// lz4Frames passes the frames of an LZ4 file through and sees that each is whole: the library's reader takes a file that ends between two
// blocks for one that ends.
type lz4Frames struct {
	src    *bufio.Reader
	left   int64 // bytes of the current piece that are still to be passed on
	blocks bool  // within a frame: the next piece is a block or the frame's end
	flags  byte  // of the frame
}

// Read implements io.Reader.
func (f *lz4Frames) Read(p []byte) (int, error) {
	for f.left == 0 {
		if err := f.piece(); err != nil {
			return 0, err
		}
	}
	n, err := f.src.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// piece finds the length of the next piece; io.EOF is the end of the file after a whole frame.
func (f *lz4Frames) piece() error {
	head, err := f.peek(4)
	if err != nil {
		if err == io.EOF && len(head) == 0 && !f.blocks {
			return io.EOF
		}
		return cut(err)
	}
	n := binary.LittleEndian.Uint32(head)
	if f.blocks {
		f.block(n)
		return nil
	}
	switch {
	case n == lz4Magic:
		if head, err = f.peek(5); err != nil {
			return cut(err)
		}
		f.flags, f.blocks, f.left = head[4], true, 7
		if f.flags&0x08 != 0 { // the content's size
			f.left += 8
		}
		if f.flags&0x01 != 0 {
			return errors.New("it needs a dictionary, which Penstock does not support")
		}
	case n&^0xf == lz4Skip:
		if head, err = f.peek(8); err != nil {
			return cut(err)
		}
		f.left = 8 + int64(binary.LittleEndian.Uint32(head[4:]))
	default:
		return errors.New("what follows a frame is no frame")
	}
	return nil
}

// block is a block's length with its bits, or 0, the end of a frame.
func (f *lz4Frames) block(n uint32) {
	f.left = 4 + int64(n&0x7fffffff)
	checked := f.flags & 0x10
	if n == 0 {
		f.blocks, checked = false, f.flags&0x04
	}
	if checked != 0 {
		f.left += 4
	}
}

func (f *lz4Frames) peek(n int) ([]byte, error) { return f.src.Peek(n) }

// cut makes an end in the middle of something the error that it is.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
