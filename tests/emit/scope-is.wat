  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_1 $list_0)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (call $note_held
      (local.get $out)
      (i64.const 0)
      (i32.const 1))
  )
