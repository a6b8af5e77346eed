  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i64 i32)
    (local.set 2
      (i64.load offset=264
        (local.get $frame)))
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (if (result i32) ;; label = @1
          (i32.eq
            (i32.load offset=4
              (local.tee 3
                (i32.add
                  (local.get $frame)
                  (i32.const 280))))
            (i32.const 1))
          (then
            (local.set 3
              (i32.add
                (local.get 3)
                (i32.load
                  (local.get 3))))
            (i64.eqz
              (i64.xor
                (i64.load
                  (local.get 3))
                (i64.const 97))))
          (else
            (i32.const 0)))
        (then
          (i64.eq
            (i64.load offset=288
              (local.get $frame))
            (local.get 2)))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
