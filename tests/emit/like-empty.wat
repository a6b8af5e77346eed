  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (i32.eq
        (i32.load offset=4
          (local.tee 2
            (i32.add
              (local.get $frame)
              (i32.const 376))))
        (i32.const 0))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
