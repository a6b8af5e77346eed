  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (if ;; label = @1
      (call $like
        (i32.add
          (local.get $frame)
          (i32.const 376))
        (i32.const 1024))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (data (;0;) (i32.const 1024) "\01\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\08\00\00\00\03\00\00\00*a*\00\00\00\00\00")
