  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i64 i64)
    (local.set 2
      (i64.load offset=136
        (local.get $frame)))
    (local.set 3
      (i64.load offset=136
        (local.get $frame)))
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i64.eq
          (i64.const 15000)
          (local.get 3))
        (then
          (i32.const 1))
        (else
          (i64.eq
            (local.get 2)
            (local.get 3))))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
