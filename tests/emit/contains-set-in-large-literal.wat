  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32 i32 i32 i32 i32)
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
              (i32.const 8))))
        (local.get 3)))
    (local.set 4
      (i32.const 0))
    (block ;; label = @1
      (loop ;; label = @2
        (br_if 1 (;@1;)
          (i32.ge_u
            (local.get 2)
            (local.get 3)))
        (br_if 1 (;@1;)
          (local.tee 4
            (if (result i32) ;; label = @3
              (i64.eq
                (i64.load32_u offset=4
                  (local.get 2))
                (i64.load32_u offset=276
                  (local.get $frame)))
              (then
                (local.set 6
                  (i32.add
                    (local.tee 5
                      (i32.add
                        (local.tee 5
                          (i32.add
                            (local.get $frame)
                            (i32.const 272)))
                        (i32.load
                          (local.get 5)))
                      (local.set 6
                        (i32.mul
                          (i32.load offset=4
                            (local.get 5))
                          (i32.const 8))))
                    (local.get 6)))
                (local.set 7
                  (i32.const 0))
                (block ;; label = @4
                  (loop ;; label = @5
                    (br_if 1 (;@4;)
                      (i32.ge_u
                        (local.get 5)
                        (local.get 6)))
                    (br_if 1 (;@4;)
                      (local.tee 7
                        (i32.eqz
                          (call $has_int
                            (local.get 2)
                            (i64.load
                              (local.get 5))))))
                    (local.set 5
                      (i32.add
                        (local.get 5)
                        (i32.const 8)))
                    (br 0 (;@5;))))
                (i32.eqz
                  (local.get 7)))
              (else
                (i32.const 0)))))
        (local.set 2
          (i32.add
            (local.get 2)
            (i32.const 8)))
        (br 0 (;@2;))))
    (if ;; label = @1
      (local.get 4)
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
  (data (;0;) (i32.const 1024) "\10\00\00\00\0a\00\00\00\a0\00\00\00\00\00\00\00P\00\00\00\01\00\00\00P\00\00\00\01\00\00\00P\00\00\00\01\00\00\00P\00\00\00\01\00\00\00P\00\00\00\01\00\00\00P\00\00\00\01\00\00\00P\00\00\00\01\00\00\00P\00\00\00\01\00\00\00P\00\00\00\01\00\00\00P\00\00\00\01\00\00\00\00\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\02\00\00\00\00\00\00\00\03\00\00\00\00\00\00\00\04\00\00\00\00\00\00\00\05\00\00\00\00\00\00\00\06\00\00\00\00\00\00\00\07\00\00\00\00\00\00\00\08\00\00\00\00\00\00\00\09\00\00\00\00\00\00\00")
