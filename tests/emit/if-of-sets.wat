  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i64)
    (local.set 2
      (i64.load offset=256
        (local.get $frame)))
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i32.load8_u offset=448
          (local.get $frame))
        (then
          (if (result i32) ;; label = @2
            (i64.eq
              (i64.const 1)
              (local.get 2))
            (then
              (i32.const 1))
            (else
              (i64.eq
                (i64.load offset=264
                  (local.get $frame))
                (local.get 2)))))
        (else
          (i64.eq
            (i64.const 3)
            (local.get 2))))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
