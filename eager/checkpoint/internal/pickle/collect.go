package pickle

import "fmt"

// collect runs the operations that make and fill collections and name classes.
func (d *Decoder) collect(op byte) error {
	switch op {
	case opEmptyDict:
		d.push(&Dict{})
	case opEmptyList, opEmptySet:
		d.push(&List{})
	case opTuple, opList, opDict:
		return d.gather(op)
	case opAppend, opAppends, opAddItems, opSetItem, opSetItems:
		return d.extend(op)
	case opGlobal:
		module, err := d.line()
		if err != nil {
			return err
		}
		name, err := d.line()
		d.push(Global(module + "." + name))
		return err
	case opStackGlobal:
		pair, err := d.take(2)
		if err != nil {
			return err
		}
		module, ok1 := pair[0].(string)
		name, ok2 := pair[1].(string)
		if !ok1 || !ok2 {
			return fmt.Errorf("the name of a class is %T and %T, want strings", pair[0], pair[1])
		}
		d.push(Global(module + "." + name))
	case opReduce, opNewObj:
		return d.call()
	case opBuild: // attributes of an OrderedDict: nothing that counts
		if _, err := d.pop(); err != nil {
			return err
		}
		v, err := d.top()
		if _, is := v.(*Dict); !is && err == nil {
			return fmt.Errorf("attributes are set on a %T, which only a dict may have", v)
		}
		return err
	case opBinPersID:
		id, err := d.pop()
		if err != nil {
			return err
		}
		if d.Load == nil {
			return fmt.Errorf("the pickle refers to an object outside of it by a %T", id)
		}
		v, err := d.Load(id)
		d.push(v)
		return err
	default:
		return fmt.Errorf("operation %#02x is not one of plain data", op)
	}
	return nil
}

func (d *Decoder) gather(op byte) error {
	items, err := d.takeMarked()
	if err != nil {
		return err
	}
	switch op {
	case opTuple:
		d.push(Tuple(items))
	case opList:
		d.push(&List{Items: items})
	case opDict:
		dict := &Dict{}
		d.push(dict)
		return dict.add(items)
	}
	return nil
}

// extend adds values to the list or dict below them.
func (d *Decoder) extend(op byte) error {
	var items []any
	var err error
	switch op {
	case opAppend:
		items, err = d.take(1)
	case opSetItem:
		items, err = d.take(2)
	default:
		items, err = d.takeMarked()
	}
	if err != nil {
		return err
	}
	to, err := d.top()
	if err != nil {
		return err
	}
	switch to := to.(type) {
	case *List:
		if op != opSetItem && op != opSetItems {
			to.Items = append(to.Items, items...)
			return nil
		}
	case *Dict:
		if op == opSetItem || op == opSetItems {
			return to.add(items)
		}
	}
	return fmt.Errorf("values are added to a %T", to)
}

func (t *Dict) add(items []any) error {
	if len(items)%2 != 0 {
		return fmt.Errorf("a dict gets %d keys and values together, want an even number", len(items))
	}
	for i := 0; i < len(items); i += 2 {
		t.Keys, t.Values = append(t.Keys, items[i]), append(t.Values, items[i+1])
	}
	return nil
}

// call runs a function or makes an object, of which only containers are known here.
func (d *Decoder) call() error {
	pair, err := d.take(2)
	if err != nil {
		return err
	}
	name, ok1 := pair[0].(Global)
	args, ok2 := pair[1].(Tuple)
	if !ok1 || !ok2 {
		return fmt.Errorf("a %T is called with a %T, want a name and a tuple", pair[0], pair[1])
	}
	switch name {
	case "collections.OrderedDict", "collections.Counter", "collections.defaultdict", "builtins.dict":
		dict := &Dict{}
		d.push(dict)
		return d.fill(dict, args)
	case "builtins.set", "__builtin__.set", "builtins.list", "builtins.frozenset":
		list := &List{}
		d.push(list)
		if len(args) == 1 {
			if from, ok := args[0].(*List); ok {
				if err := d.count(len(from.Items)); err != nil {
					return err
				}
				list.Items = append(list.Items, from.Items...)
				return nil
			}
		}
		if len(args) > 0 {
			return fmt.Errorf("%s of %T", name, args[0])
		}
		return nil
	}
	if d.Call == nil {
		return fmt.Errorf("the pickle wants to call %s, which is not data", name)
	}
	v, err := d.Call(string(name), args)
	d.push(v)
	return err
}

// fill sets what a dict is made of: a dict, or a list of pairs.
func (d *Decoder) fill(dict *Dict, args Tuple) error {
	for _, a := range args {
		switch a := a.(type) {
		case Global: // what a defaultdict makes
		case *Dict:
			if err := d.count(2 * len(a.Keys)); err != nil {
				return err
			}
			dict.Keys = append(dict.Keys, a.Keys...)
			dict.Values = append(dict.Values, a.Values...)
		case *List:
			if err := d.count(2 * len(a.Items)); err != nil {
				return err
			}
			for _, item := range a.Items {
				pair, err := pairOf(item)
				if err != nil {
					return err
				}
				if err := dict.add(pair); err != nil {
					return err
				}
			}
		default:
			return fmt.Errorf("a dict is made of a %T", a)
		}
	}
	return nil
}

func pairOf(v any) ([]any, error) {
	switch v := v.(type) {
	case Tuple:
		if len(v) == 2 {
			return v, nil
		}
	case *List:
		if len(v.Items) == 2 {
			return v.Items, nil
		}
	}
	return nil, fmt.Errorf("a dict is made of a list of %T, want pairs", v)
}
