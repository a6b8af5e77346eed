  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32 i32)
    (local.set 3
      (i32.add
        (local.tee 2
          (i32.add
            (local.tee 2
              (i32.add
                (local.get $frame)
                (i32.const 272)))
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
            (i32.eqz
              (i64.eq
                (i64.const 1)
                (i64.load
                  (local.get 2))))))
        (local.set 2
          (i32.add
            (local.get 2)
            (i32.const 8)))
        (br 0 (;@2;))))
    (if ;; label = @1
      (if (result i32) ;; label = @1
        (if (result i32) ;; label = @1
          (i32.eqz
            (local.get 4))
          (then
            (call $has_int
              (i32.add
                (local.get $frame)
                (i32.const 272))
              (i64.const 1)))
          (else
            (i32.const 0)))
        (then
          (i32.const 1))
        (else
          (if (result i32) ;; label = @2
            (i64.eq
              (i64.load32_u offset=276
                (local.get $frame))
              (i64.load32_u offset=276
                (local.get $frame)))
            (then
              (local.set 4
                (i32.add
                  (local.tee 2
                    (i32.add
                      (local.tee 2
                        (i32.add
                          (local.get $frame)
                          (i32.const 272)))
                      (i32.load
                        (local.get 2)))
                    (local.set 4
                      (i32.mul
                        (i32.load offset=4
                          (local.get 2))
                        (i32.const 8))))
                  (local.get 4)))
              (local.set 3
                (i32.const 0))
              (block ;; label = @3
                (loop ;; label = @4
                  (br_if 1 (;@3;)
                    (i32.ge_u
                      (local.get 2)
                      (local.get 4)))
                  (br_if 1 (;@3;)
                    (local.tee 3
                      (i32.eqz
                        (call $has_int
                          (i32.add
                            (local.get $frame)
                            (i32.const 272))
                          (i64.load
                            (local.get 2))))))
                  (local.set 2
                    (i32.add
                      (local.get 2)
                      (i32.const 8)))
                  (br 0 (;@4;))))
              (i32.eqz
                (local.get 3)))
            (else
              (i32.const 0)))))
      (then
        (call $note_held
          (local.get $out)
          (i64.const 0)
          (i32.const 1))))
  )
