  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (call $in_range
          (i32.add
            (local.get $frame)
            (i32.const 168))
          (i32.const 1024))
        (then
          (i32.const 1))
        (else
          (call $in_range
            (i32.add
              (local.get $frame)
              (i32.const 168))
            (i32.const 1048))))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (data (;0;) (i32.const 1024) "\00\00\00\7f\00\00\00\00\00\00\00\00\00\00\00\00\08\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\80\01\00\00\00\00\00\00")
