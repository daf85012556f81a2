package pickle

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// Operations, as pickletools names them.
const (
	opMark           = '('
	opStop           = '.'
	opPop            = '0'
	opPopMark        = '1'
	opFloat          = 'F'
	opInt            = 'I'
	opBinInt         = 'J'
	opBinInt1        = 'K'
	opLong           = 'L'
	opBinInt2        = 'M'
	opNone           = 'N'
	opBinPersID      = 'Q'
	opReduce         = 'R'
	opBinString      = 'T'
	opShortBinString = 'U'
	opUnicode        = 'V'
	opBinUnicode     = 'X'
	opAppend         = 'a'
	opBuild          = 'b'
	opGlobal         = 'c'
	opDict           = 'd'
	opEmptyDict      = '}'
	opAppends        = 'e'
	opGet            = 'g'
	opBinGet         = 'h'
	opLongBinGet     = 'j'
	opList           = 'l'
	opEmptyList      = ']'
	opPut            = 'p'
	opBinPut         = 'q'
	opLongBinPut     = 'r'
	opSetItem        = 's'
	opTuple          = 't'
	opEmptyTuple     = ')'
	opSetItems       = 'u'
	opBinFloat       = 'G'
	opProto          = 0x80
	opNewObj         = 0x81
	opTuple1         = 0x85
	opTuple2         = 0x86
	opTuple3         = 0x87
	opNewTrue        = 0x88
	opNewFalse       = 0x89
	opLong1          = 0x8a
	opLong4          = 0x8b
	opBinBytes       = 'B'
	opShortBinBytes  = 'C'
	opShortUnicode   = 0x8c
	opBinUnicode8    = 0x8d
	opBinBytes8      = 0x8e
	opEmptySet       = 0x8f
	opAddItems       = 0x90
	opStackGlobal    = 0x93
	opMemoize        = 0x94
	opFrame          = 0x95
)

// widths are the bytes of the count before strings, and of the index of memo operations.
var (
	textWidth = map[byte]int{
		opBinUnicode: 4, opShortUnicode: 1, opBinUnicode8: 8, opBinString: 4, opShortBinString: 1,
	}
	bytesWidth = map[byte]int{opBinBytes: 4, opShortBinBytes: 1, opBinBytes8: 8}
	intWidth   = map[byte]int{opBinInt1: 1, opBinInt2: 2, opBinInt: 4}
	getWidth   = map[byte]int{opBinGet: 1, opLongBinGet: 4}
	putWidth   = map[byte]int{opBinPut: 1, opLongBinPut: 4}
	tuples     = map[byte]int{opEmptyTuple: 0, opTuple1: 1, opTuple2: 2, opTuple3: 3}
	constants  = map[byte]any{opNone: nil, opNewTrue: true, opNewFalse: false, opMark: mark{}}
)

// step runs one operation.
func (d *Decoder) step(op byte) error {
	if w, ok := textWidth[op]; ok {
		b, err := d.counted(w)
		d.push(string(b))
		return err
	}
	if w, ok := bytesWidth[op]; ok {
		b, err := d.counted(w)
		d.push(b)
		return err
	}
	if w, ok := intWidth[op]; ok {
		n, err := d.uint(w)
		if w == 4 {
			n = uint64(int64(int32(n)))
		}
		d.push(int64(n))
		return err
	}
	if n, ok := tuples[op]; ok {
		items, err := d.take(n)
		d.push(Tuple(items))
		return err
	}
	if v, ok := constants[op]; ok {
		d.push(v)
		return nil
	}
	if w, ok := getWidth[op]; ok {
		n, err := d.uint(w)
		if err != nil {
			return err
		}
		return d.get(n)
	}
	if w, ok := putWidth[op]; ok {
		n, err := d.uint(w)
		if err != nil {
			return err
		}
		return d.put(n)
	}
	switch op {
	case opProto:
		return d.proto()
	case opFrame:
		_, err := d.uint(8)
		return err
	case opPop:
		if n := len(d.stack); n > 0 {
			d.stack = d.stack[:n-1]
			return nil
		}
		return errEmpty
	case opPopMark:
		_, err := d.takeMarked()
		return err
	case opInt, opLong, opFloat, opUnicode:
		return d.text(op)
	case opLong1:
		return d.long(1)
	case opLong4:
		return d.long(4)
	case opBinFloat:
		b, err := d.bytes(8)
		if err != nil {
			return err
		}
		var bits uint64
		for _, c := range b {
			bits = bits<<8 | uint64(c)
		}
		d.push(math.Float64frombits(bits))
		return nil
	case opGet, opPut, opMemoize:
		return d.memoText(op)
	}
	return d.collect(op)
}

func (d *Decoder) proto() error {
	v, err := d.byte()
	if err == nil && v > 5 {
		return fmt.Errorf("protocol %d is not known; known are 0 to 5", v)
	}
	return err
}

// text reads the values that protocol 0 writes as lines.
func (d *Decoder) text(op byte) error {
	line, err := d.line()
	if err != nil {
		return err
	}
	switch {
	case op == opUnicode:
		d.push(line)
		return nil
	case op == opInt && (line == "00" || line == "01"):
		d.push(line == "01")
		return nil
	case op == opFloat:
		v, err := strconv.ParseFloat(line, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", line)
		}
		d.push(v)
		return nil
	}
	v, err := strconv.ParseInt(strings.TrimSuffix(line, "L"), 10, 64)
	if err != nil {
		return fmt.Errorf("%q is not an integer of 64 bits", line)
	}
	d.push(v)
	return nil
}

// long reads an integer in two's complement after the number of its bytes. One that needs more than 64
// bits, such as the magic number of old PyTorch files, becomes its decimal text.
func (d *Decoder) long(width int) error {
	b, err := d.counted(width)
	if err != nil {
		return err
	}
	if len(b) > 1024 {
		return fmt.Errorf("an integer has %d bytes; at most 1024 are read", len(b))
	}
	if len(b) <= 8 {
		var v uint64
		for i := range 8 {
			c := byte(0)
			switch {
			case i < len(b):
				c = b[i]
			case len(b) > 0 && b[len(b)-1] >= 128:
				c = 0xff
			}
			v |= uint64(c) << (8 * i)
		}
		d.push(int64(v))
		return nil
	}
	big := new(big.Int)
	for i := len(b) - 1; i >= 0; i-- {
		big.Lsh(big, 8).Or(big, bigByte(b[i]))
	}
	if b[len(b)-1] >= 128 {
		big.Sub(big, bigBit(8*len(b)))
	}
	d.push(big.String())
	return nil
}

func bigByte(b byte) *big.Int { return big.NewInt(int64(b)) }

func bigBit(n int) *big.Int { return new(big.Int).Lsh(big.NewInt(1), uint(n)) }

func (d *Decoder) memoText(op byte) error {
	if op == opMemoize {
		return d.put(uint64(len(d.memo)))
	}
	line, err := d.line()
	if err != nil {
		return err
	}
	n, err := strconv.ParseUint(line, 10, 32)
	if err != nil {
		return fmt.Errorf("%q is not a number of the memo", line)
	}
	if op == opGet {
		return d.get(n)
	}
	return d.put(n)
}

func (d *Decoder) get(n uint64) error {
	v, ok := d.memo[n]
	if !ok {
		return fmt.Errorf("value %d of the memo is used before it is set", n)
	}
	d.push(v)
	return nil
}

func (d *Decoder) put(n uint64) error {
	v, err := d.top()
	if err != nil {
		return err
	}
	d.values++
	d.memo[n] = v
	return nil
}
