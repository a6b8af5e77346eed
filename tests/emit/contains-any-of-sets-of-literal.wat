  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $condition_0 (param $frame i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32)
    (if ;; label = @1
      (i32.eqz
        (local.tee 1
          (i32.load offset=128
            (local.get $frame))))
      (then
        (return
          (i32.const 131328))))
    (local.set 1
      (i32.add
        (i32.add
          (local.get 1)
          (local.get $frame))
        (i32.const 208)))
    (local.set 3
      (i32.add
        (local.tee 2
          (i32.add
            (local.tee 2
              (local.get 1))
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
              (call $has_int
                (local.get 2)
                (i64.const 1))
              (then
                (local.set 6
                  (i32.add
                    (local.tee 5
                      (i32.add
                        (local.tee 5
                          (local.get 2))
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
                          (i64.eq
                            (i64.const 1)
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
    (if (result i32) ;; label = @1
      (local.get 4)
      (then
        (i32.const 1))
      (else
        (local.set 4
          (i32.add
            (local.tee 5
              (i32.add
                (local.tee 5
                  (local.get 1))
                (i32.load
                  (local.get 5)))
              (local.set 4
                (i32.mul
                  (i32.load offset=4
                    (local.get 5))
                  (i32.const 8))))
            (local.get 4)))
        (local.set 3
          (i32.const 0))
        (block ;; label = @2
          (loop ;; label = @3
            (br_if 1 (;@2;)
              (i32.ge_u
                (local.get 5)
                (local.get 4)))
            (br_if 1 (;@2;)
              (local.tee 3
                (if (result i32) ;; label = @4
                  (i64.eq
                    (i64.load32_u offset=4
                      (local.get 5))
                    (i64.load32_u offset=276
                      (local.get $frame)))
                  (then
                    (local.set 7
                      (i32.add
                        (local.tee 2
                          (i32.add
                            (local.tee 2
                              (i32.add
                                (local.get $frame)
                                (i32.const 272)))
                            (i32.load
                              (local.get 2)))
                          (local.set 7
                            (i32.mul
                              (i32.load offset=4
                                (local.get 2))
                              (i32.const 8))))
                        (local.get 7)))
                    (local.set 6
                      (i32.const 0))
                    (block ;; label = @5
                      (loop ;; label = @6
                        (br_if 1 (;@5;)
                          (i32.ge_u
                            (local.get 2)
                            (local.get 7)))
                        (br_if 1 (;@5;)
                          (local.tee 6
                            (i32.eqz
                              (call $has_int
                                (local.get 5)
                                (i64.load
                                  (local.get 2))))))
                        (local.set 2
                          (i32.add
                            (local.get 2)
                            (i32.const 8)))
                        (br 0 (;@6;))))
                    (i32.eqz
                      (local.get 6)))
                  (else
                    (i32.const 0)))))
            (local.set 5
              (i32.add
                (local.get 5)
                (i32.const 8)))
            (br 0 (;@3;))))
        (local.get 3)))
  )
  (func $list_0 (param $frame i32) (param $out i32)
    (local i32)
  )
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32)
    (if ;; label = @1
      (local.tee 2
        (call $condition_0
          (local.get $frame)))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 2))))
  )
