  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32)
    (local.set 2
      (i32.const 1024))
    (local.set 3
      (i32.add
        (local.get $frame)
        (i32.const 168)))
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (i64.eqz
          (i64.or
            (i64.or
              (i64.xor
                (i64.load
                  (local.get 2))
                (i64.load
                  (local.get 3)))
              (i64.xor
                (i64.load offset=8
                  (local.get 2))
                (i64.load offset=8
                  (local.get 3))))
            (i64.xor
              (i64.load offset=16
                (local.get 2))
              (i64.load offset=16
                (local.get 3)))))
        (then
          (i32.const 1))
        (else
          (local.set 2
            (i32.add
              (local.get $frame)
              (i32.const 168)))
          (local.set 3
            (i32.add
              (local.get $frame)
              (i32.const 168)))
          (i64.eqz
            (i64.or
              (i64.or
                (i64.xor
                  (i64.load
                    (local.get 2))
                  (i64.load
                    (local.get 3)))
                (i64.xor
                  (i64.load offset=8
                    (local.get 2))
                  (i64.load offset=8
                    (local.get 3))))
              (i64.xor
                (i64.load offset=16
                  (local.get 2))
                (i64.load offset=16
                  (local.get 3)))))))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (data (;0;) (i32.const 1024) "\00\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00\08\00\00\00\00\00\00\00")
