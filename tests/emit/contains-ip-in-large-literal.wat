  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32 i32 i32 i32)
    (local.set 3
      (i32.add
        (local.tee 2
          (i32.add
            (local.tee 2
              (i32.const 1024))
            (i32.load
              (local.get 2)))
          (local.set 3
            (i32.mul
              (i32.load offset=4
                (local.get 2))
              (i32.const 24))))
        (local.get 3)))
    (local.set 4
      (i32.const 0))
    (block ;; label = @1
      (loop ;; label = @2
        (br_if 1 (;@1;)
          (i32.ge_u
            (local.get 2)
            (local.get 3)))
        (local.set 5
          (local.get 2))
        (local.set 6
          (i32.add
            (local.get $frame)
            (i32.const 168)))
        (br_if 1 (;@1;)
          (local.tee 4
            (i64.eqz
              (i64.or
                (i64.or
                  (i64.xor
                    (i64.load
                      (local.get 5))
                    (i64.load
                      (local.get 6)))
                  (i64.xor
                    (i64.load offset=8
                      (local.get 5))
                    (i64.load offset=8
                      (local.get 6))))
                (i64.xor
                  (i64.load offset=16
                    (local.get 5))
                  (i64.load offset=16
                    (local.get 6)))))))
        (local.set 2
          (i32.add
            (local.get 2)
            (i32.const 24)))
        (br 0 (;@2;))))
    (if ;; label = @1
      (local.get 4)
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\0a\00\00\00\f0\00\00\00\00\00\00\00\00\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00 \00\00\00\00\00\00\00\01\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00 \00\00\00\00\00\00\00\02\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00 \00\00\00\00\00\00\00\03\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00 \00\00\00\00\00\00\00\04\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00 \00\00\00\00\00\00\00\05\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00 \00\00\00\00\00\00\00\06\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00 \00\00\00\00\00\00\00\07\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00 \00\00\00\00\00\00\00\08\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00 \00\00\00\00\00\00\00\09\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00 \00\00\00\00\00\00\00")
