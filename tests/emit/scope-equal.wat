  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i64.eqz
          (i64.or
            (i64.xor
              (i64.load offset=40
                (local.tee 2
                  (local.get $frame)))
              (i64.const 684723352394983255))
            (i64.xor
              (i64.load offset=48
                (local.get 2))
              (i64.const -1010386378227971823))))
        (then
          (i64.eqz
            (i64.or
              (i64.xor
                (i64.load offset=56
                  (local.tee 2
                    (local.get $frame)))
                (i64.const -8101518896083339102))
              (i64.xor
                (i64.load offset=64
                  (local.get 2))
                (i64.const -5989308697987304996)))))
        (else
          (i32.const 0)))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
