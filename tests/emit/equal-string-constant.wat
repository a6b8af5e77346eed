  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i32.eq
          (i32.load offset=4
            (local.tee 2
              (i32.add
                (local.get $frame)
                (i32.const 376))))
          (i32.const 3))
        (then
          (local.set 2
            (i32.add
              (local.get 2)
              (i32.load
                (local.get 2))))
          (i64.eqz
            (i64.xor
              (i64.load
                (local.get 2))
              (i64.const 7237217))))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i32.eq
          (i32.load offset=4
            (local.tee 2
              (i32.add
                (local.get $frame)
                (i32.const 376))))
          (i32.const 23))
        (then
          (local.set 2
            (i32.add
              (local.get 2)
              (i32.load
                (local.get 2))))
          (i64.eqz
            (i64.or
              (i64.or
                (i64.xor
                  (i64.load
                    (local.get 2))
                  (i64.const 8367813887506935660))
                (i64.xor
                  (i64.load offset=8
                    (local.get 2))
                  (i64.const 7523097585602421096)))
              (i64.xor
                (i64.load offset=16
                  (local.get 2))
                (i64.const 32481173248811124)))))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 1)
          (i32.const 1))))
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
          (i64.const 2)
          (i32.const 1))))
  )
