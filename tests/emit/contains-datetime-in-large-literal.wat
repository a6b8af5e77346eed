  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i64)
    (local.set 2
      (i64.load offset=440
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
  (data (;0;) (i32.const 1024) "\10\00\00\00\0a\00\00\00P\00\00\00\00\00\00\00\000\ab\f0\8c\01\00\00\00\8c\d1\f5\8c\01\00\00\00\e8\f7\fa\8c\01\00\00\00D\1e\00\8d\01\00\00\00\a0D\05\8d\01\00\00\00\fcj\0a\8d\01\00\00\00X\91\0f\8d\01\00\00\00\b4\b7\14\8d\01\00\00\00\10\de\19\8d\01\00\00\00l\04\1f\8d\01\00\00")
