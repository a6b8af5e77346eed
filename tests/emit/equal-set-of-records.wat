  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32 i32 i32 i32 i32 i32)
    (if ;; label = @1
      (local.tee 6
        (block (result i32) ;; label = @1
          (if ;; label = @2
            (i32.eqz
              (local.tee 2
                (i32.load offset=128
                  (local.get $frame))))
            (then
              (br 1 (;@1;)
                (i32.const 65792))))
          (local.set 2
            (i32.add
              (i32.add
                (local.get 2)
                (local.get $frame))
              (i32.const 64)))
          (if (result i32) ;; label = @2
            (i64.eq
              (i64.load32_u offset=204
                (local.get $frame))
              (i64.load32_u offset=4
                (local.get 2)))
            (then
              (local.set 4
                (i32.add
                  (local.tee 3
                    (i32.add
                      (local.tee 3
                        (local.get 2))
                      (i32.load
                        (local.get 3)))
                    (local.set 4
                      (i32.mul
                        (i32.load offset=4
                          (local.get 3))
                        (i32.const 16))))
                  (local.get 4)))
              (local.set 5
                (i32.const 0))
              (block ;; label = @3
                (loop ;; label = @4
                  (br_if 1 (;@3;)
                    (i32.ge_u
                      (local.get 3)
                      (local.get 4)))
                  (local.set 7
                    (i32.add
                      (local.tee 6
                        (i32.add
                          (local.tee 6
                            (i32.add
                              (local.get $frame)
                              (i32.const 200)))
                          (i32.load
                            (local.get 6)))
                        (local.set 7
                          (i32.mul
                            (i32.load offset=4
                              (local.get 6))
                            (i32.const 16))))
                      (local.get 7)))
                  (local.set 8
                    (i32.const 0))
                  (block ;; label = @5
                    (loop ;; label = @6
                      (br_if 1 (;@5;)
                        (i32.ge_u
                          (local.get 6)
                          (local.get 7)))
                      (br_if 1 (;@5;)
                        (local.tee 8
                          (if (result i32) ;; label = @7
                            (call $same_string
                              (local.get 6)
                              (local.get 3))
                            (then
                              (i64.eq
                                (i64.load offset=8
                                  (local.get 6))
                                (i64.load offset=8
                                  (local.get 3))))
                            (else
                              (i32.const 0)))))
                      (local.set 6
                        (i32.add
                          (local.get 6)
                          (i32.const 16)))
                      (br 0 (;@6;))))
                  (br_if 1 (;@3;)
                    (local.tee 5
                      (i32.eqz
                        (local.get 8))))
                  (local.set 3
                    (i32.add
                      (local.get 3)
                      (i32.const 16)))
                  (br 0 (;@4;))))
              (i32.eqz
                (local.get 5)))
            (else
              (i32.const 0)))))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 6))))
  )
