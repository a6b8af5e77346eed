  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i64)
    (local.set 2
      (i64.load offset=136
        (local.get $frame)))
    (if ;; label = @1
      (call $has_int
        (i32.const 1024)
        (local.get 2))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\0a\00\00\00P\00\00\00\00\00\00\00\88\13\00\00\00\00\00\00\98:\00\00\00\00\00\00\a8a\00\00\00\00\00\00\b8\88\00\00\00\00\00\00\c8\af\00\00\00\00\00\00\d8\d6\00\00\00\00\00\00\e8\fd\00\00\00\00\00\00\f8$\01\00\00\00\00\00\08L\01\00\00\00\00\00\18s\01\00\00\00\00\00")
