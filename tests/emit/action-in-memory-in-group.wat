  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i64.eqz
          (i64.or
            (i64.xor
              (i64.load offset=232
                (local.tee 2
                  (local.get $frame)))
              (i64.const -8146812451474743673))
            (i64.xor
              (i64.load offset=240
                (local.get 2))
              (i64.const 7015942649812789789))))
        (then
          (i32.const 1))
        (else
          (if (result i32) ;; label = @2
            (i32.ne
              (i32.load offset=136
                (local.get $frame))
              (i32.const 0))
            (then
              (call $has_entity
                (select
                  (i32.add
                    (local.tee 2
                      (i32.load offset=136
                        (local.get $frame)))
                    (local.get $frame))
                  (i32.const 0)
                  (local.get 2))
                (i64.const -8146812451474743673)
                (i64.const 7015942649812789789)))
            (else
              (i32.const 0)))))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
