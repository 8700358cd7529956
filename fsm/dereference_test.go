package fsm

import "reflect"

// dereference returns the command that pointer points to.
func dereference(pointer any) Command { return reflect.ValueOf(pointer).Elem().Interface().(Command) }
