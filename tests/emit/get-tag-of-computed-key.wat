  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (if (result i32) ;; label = @1
          (i32.ne
            (i32.load offset=128
              (local.get $frame))
            (i32.const 0))
          (then
            (i32.ne
              (call $tag
                (i32.add
                  (select
                    (i32.add
                      (local.tee 2
                        (i32.load offset=128
                          (local.get $frame)))
                      (local.get $frame))
                    (i32.const 0)
                    (local.get 2))
                  (i32.const 248))
                (i32.const 16)
                (i32.add
                  (local.get $frame)
                  (i32.const 376)))
              (i32.const 0)))
          (else
            (i32.const 0)))
        (then
          (i32.eqz
            (i64.le_s
              (i64.load
                (call $tag
                  (i32.add
                    (i32.add
                      (i32.load offset=128
                        (local.get $frame))
                      (local.get $frame))
                    (i32.const 248))
                  (i32.const 16)
                  (i32.add
                    (local.get $frame)
                    (i32.const 376))))
              (i64.const 3))))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
